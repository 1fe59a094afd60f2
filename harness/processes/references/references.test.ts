import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { PollerName } from '../../../pollers/manifest.js';
import { isAlive, untilGone } from '../../testing/processes.js';
import { until } from '../../testing/until.js';
import { CONTROL_FD, type FileTable } from '../control/messages.js';
import { ChildFailure } from '../control/parent.js';
import { FIXED_REPLY } from '../server/apps/fixed.js';
import { APPS, type AppName } from '../server/protocol.js';
import { findPython } from './python/find.js';
import { type PythonModule, type ReferenceName, references } from './references.js';

/** The servers that ours is compared with, as processes seen from outside. */

const DEADLINE_MS = 60_000;
const REQUEST = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
const PYTHON: readonly PythonModule[] = ['tornado', 'twisted'];

interface Variant {
  readonly name: ReferenceName;
  readonly poller: PollerName;
  readonly app: AppName | 'http';
}

const variantsOf = (name: ReferenceName): Variant[] =>
  references[name].pollers.flatMap((poller) => references[name].apps.map((app) => ({ name, poller, app })));

const names = Object.keys(references) as ReferenceName[];
const variants = names
  .flatMap(variantsOf)
  .filter(({ app, name }) => app in APPS || (PYTHON as readonly string[]).includes(name));

/** Starts it, or skips the test with the reason why not. */
async function started({ name, poller, app }: Variant, t: TestContext, fileTable: FileTable = 'private') {
  const found = references[name].available();
  if (!found.ok) {
    t.skip(found.reason);
    return null;
  }
  const server = found.start();
  t.after(() => server.end());
  const start = { poller, app: app as AppName, host: '127.0.0.1', port: 0, cpu: null, fileTable };
  return { server, port: (await server.request('start', start, DEADLINE_MS)).port };
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** The replies to these bytes, of which there are so many, as they came. */
async function replies(socket: Socket, bytes: string, count: number): Promise<string[]> {
  socket.write(bytes);
  const whole: string[] = [];
  for (let received = ''; whole.length < count; ) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    received += chunk.toString('latin1');
    for (let end = endOfReply(received); end > 0 && end <= received.length; end = endOfReply(received)) {
      whole.push(received.slice(0, end));
      received = received.slice(end);
    }
  }
  return whole;
}

function endOfReply(text: string): number {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return 0;
  return head + 4 + Number(/\r\ncontent-length: *(\d+)\r\n/i.exec(text.slice(0, head + 2))?.[1]);
}

const withoutDate = (reply: string | undefined) => reply?.replace(/\r\nDate: [^\r]*/i, '');

for (const variant of variants) {
  const { name, poller, app } = variant;
  test(`${name} on ${poller} answers whole, split and pipelined requests as app ${app} does`, async (t) => {
    const running = await started(variant, t);
    if (!running) return;
    const socket = await open(running.port);
    const [whole = ''] = await replies(socket, REQUEST, 1);
    if (app === 'fixed') assert.equal(whole, FIXED_REPLY.toString('latin1'));
    assert.match(whole, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(whole, /\r\nContent-Type: text\/plain\r\n/i);
    assert.match(whole, /\r\n\r\nHello, world$/);
    for (const byte of REQUEST.slice(0, -1)) {
      socket.write(byte);
      await sleep(1);
    }
    const [split] = await replies(socket, REQUEST.slice(-1), 1);
    const pipelined = await replies(socket, REQUEST.repeat(50), 50);
    for (const reply of [split, ...pipelined]) assert.equal(withoutDate(reply), withoutDate(whole));
    socket.destroy();
  });
}

/** How often the process got a CPU. */
const timesRun = ({ pid }: { readonly pid: number }): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[2]);

for (const name of PYTHON) {
  const variant = { name, poller: 'epoll', app: 'fixed' } as const;

  test(`${name} with idle connections makes no wake-ups`, async (t) => {
    const all = await Promise.all(variantsOf(name).map((one) => started(one, t)));
    const servers = all.filter((running) => running !== null);
    const sockets: Socket[] = [];
    for (const { port } of servers) {
      for (let made = 0; made < 20; made++) {
        const socket = await open(port);
        await replies(socket, REQUEST, 1);
        sockets.push(socket);
      }
    }
    // What Python still does after its last answer takes a while on a busy machine, but one second of peace comes.
    const timesRunOfAll = () => servers.map(({ server }) => timesRun(server)).join();
    await until(async () => {
      const before = timesRunOfAll();
      await sleep(1000);
      return timesRunOfAll() === before;
    }, 'a second in which none of them runs');
    for (const socket of sockets) socket.destroy();
  });

  test(`${name} dies with a parent that is killed`, async (t) => {
    const found = references[name].available();
    if (!found.ok) return void t.skip(found.reason);
    const module = fileURLToPath(new URL('./references.js', import.meta.url));
    const start = {
      poller: 'epoll',
      app: 'fixed',
      host: '127.0.0.1',
      port: 0,
      cpu: null,
      fileTable: 'private',
    };
    const script =
      `import { references } from '${module}'; const server = references.${name}.available().start();` +
      `await server.request('start', ${JSON.stringify(start)}, 20000);` +
      'console.log(server.pid); setInterval(() => {}, 1000);';
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    assert.ok(isAlive(pid));
    parent.kill('SIGKILL');
    await untilGone(pid);
  });

  test(`${name} ends at the end of its parent's words, and at once under another parent`, async (t) => {
    const found = findPython(name);
    if (!found.ok) return void t.skip(found.reason);
    const main = fileURLToPath(new URL(`./${name}/main.py`, import.meta.url));
    const run = (parent: number) =>
      spawn(found.python, ['-B', main, String(parent)], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
    const stranger = run(1);
    assert.deepEqual(await once(stranger, 'exit'), [1, null]);
    const server = run(process.pid);
    const control = server.stdio[CONTROL_FD] as Duplex;
    const start = {
      id: 1,
      do: 'start',
      ...variant,
      host: '127.0.0.1',
      port: 0,
      cpu: null,
      fileTable: 'private',
    };
    control.write(`${JSON.stringify(start)}\n`);
    const [line] = (await once(control, 'data')) as [Buffer];
    const socket = await open((JSON.parse(line.toString()) as { port: number }).port);
    await replies(socket, REQUEST, 1);
    control.end();
    assert.deepEqual(await once(server, 'exit'), [0, null]);
    socket.destroy();
  });

  test(`${name} ignores an interrupt, refuses what it cannot tell, and can share its file table`, async (t) => {
    const running = await started(variant, t, 'shared');
    if (!running) return;
    const { server, port } = running;
    process.kill(server.pid, 'SIGINT');
    await assert.rejects(server.request('snapshot', {}, DEADLINE_MS), /keeps no counters/);
    const socket = await open(port);
    await replies(socket, REQUEST, 1);
    assert.equal(readdirSync(`/proc/${server.pid}/task`).length, 2);
    socket.destroy();
  });

  test(`${name} tells why it cannot start`, async (t) => {
    const found = references[name].available();
    if (!found.ok) return void t.skip(found.reason);
    await assert.rejects(started({ ...variant, poller: 'busy' }, t), ChildFailure);
  });

  test(`without ${name} the reason is given, and another interpreter that has it is taken`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'pollcost-python-'));
    after(() => rmSync(folder, { recursive: true }));
    const stub = join(folder, 'python3');
    const says = (line: string) =>
      writeFileSync(stub, `#!/bin/sh\necho "${line}" >&2\nexit 1\n`, { mode: 0o755 });

    says(`ModuleNotFoundError: No module named '${name}'`);
    const reason = `python3-${name} is not installed: apt-get install python3-${name}`;
    assert.deepEqual(findPython(name, [stub]), { ok: false, reason });
    assert.deepEqual(findPython(name, [join(folder, 'none')]), { ok: false, reason });

    const found = findPython(name);
    if (found.ok) assert.deepEqual(findPython(name, [stub, found.python]), found);
    else t.diagnostic(found.reason);

    says('ImportError: something of it is broken');
    assert.deepEqual(findPython(name, ['none', stub]), {
      ok: false,
      reason: `python3 cannot import ${name}: ImportError: something of it is broken`,
    });
  });
}

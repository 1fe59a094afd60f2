import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import os from 'node:os';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pollersHere } from '../../pollers/manifest.js';
import { childrenOf, untilGone } from '../testing/processes.js';
import { until } from '../testing/until.js';
import { onEveryPoller } from './testing/every-poller.js';

/** Several processes that serve one port, seen from outside. */

const PROGRAM = fileURLToPath(new URL('./testing/several.js', import.meta.url));
const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill('SIGKILL');
});

class Several {
  readonly first: ChildProcess;
  readonly exit: Promise<unknown[]>;
  said = '';
  complained = '';

  constructor(...args: readonly (string | number)[]) {
    this.first = spawn(process.execPath, [PROGRAM, ...args.map(String)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(this.first);
    this.exit = once(this.first, 'exit');
    this.first.stdout?.on('data', (chunk) => {
      this.said += chunk;
    });
    this.first.stderr?.on('data', (chunk) => {
      this.complained += chunk;
    });
  }

  get pids(): number[] {
    return childrenOf(this.first.pid as number);
  }

  async port(): Promise<number> {
    await until(() => this.said.endsWith('\n'), 'ready');
    return Number(/^ready (\d+)\n$/.exec(this.said)?.[1]);
  }
}

/** Opens connections and asks each who serves it. */
async function ask(port: number, count: number): Promise<{ sockets: Socket[]; answers: string[] }> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'));
  const answers = await Promise.all(
    sockets.map(async (socket) => {
      socket.write('who\r\n');
      const [answer] = await once(socket, 'data');
      return String(answer).trim();
    }),
  );
  return { sockets, answers };
}

async function whoServes(port: number, count: number): Promise<Set<string>> {
  const { sockets, answers } = await ask(port, count);
  for (const socket of sockets) socket.destroy();
  return new Set(answers);
}

for (const poller of pollersHere) {
  test(`three processes on ${poller} share the connections of one port`, async () => {
    const several = new Several(poller, 3, 0);
    const port = await several.port();
    const who = await whoServes(port, 100);
    const pids = several.pids;
    assert.deepEqual([...who].sort(), pids.map((pid, id) => `${id} ${pid}`).sort());
    several.first.kill('SIGKILL');
    await untilGone(...pids);
    assert.equal(several.complained, '');
  });
}

test('a process that is killed is reported and replaced under its id, and no new connection is lost', async () => {
  const several = new Several('epoll', 3, 5);
  const port = await several.port();
  const [victim] = several.pids;
  const { sockets, answers } = await ask(port, 60);
  process.kill(victim as number, 'SIGKILL');
  const id = answers.find((answer) => answer.endsWith(` ${victim}`))?.split(' ')[0];
  // Some of these wait for the replacement.
  const after = await whoServes(port, 60);
  assert.equal(
    several.complained,
    `server: task ${id} (pid ${victim}) ended with SIGKILL; replacement 1 of at most 5\n`,
  );
  const before = new Set(answers);
  assert.deepEqual(
    [...after].filter((who) => !before.has(who)).map((who) => who.split(' ')[0]),
    [id],
  );
  assert.equal(after.size, 3);
  // Those of the others were not touched.
  for (const [at, socket] of sockets.entries()) {
    if (answers[at]?.endsWith(` ${victim}`)) continue;
    socket.write('who\r\n');
    const [again] = await once(socket, 'data');
    assert.equal(String(again).trim(), answers[at]);
  }
  for (const socket of sockets) socket.destroy();
  several.first.kill();
  await several.exit;
});

test('a process that ends with code 0 is not replaced, the others go on, and the last one ends the first', async () => {
  const several = new Several('poll', 2, 5);
  const port = await several.port();
  const [one, other] = [...(await whoServes(port, 60))] as [string, string];
  for (const [gone, left] of [
    [one, [other]],
    [other, []],
  ] as const) {
    const { sockets, answers } = await ask(port, 60);
    sockets[answers.indexOf(gone)]?.write('end 0\r\n');
    const [id, pid] = gone.split(' ');
    await until(() => several.complained.includes(`task ${id} (pid ${pid}) ended with code 0; it is`), gone);
    for (const socket of sockets) socket.on('error', () => {}).destroy();
    if (left.length > 0) assert.deepEqual([...(await whoServes(port, 60))], left);
  }
  assert.deepEqual(await several.exit, [0, null]);
});

test('a process that always dies is replaced so often and no more; then all end, and the error names it', async () => {
  const several = new Several('epoll', 2, 2, 3);
  await until(() => several.first.exitCode !== null, 'the end');
  assert.equal(several.first.exitCode, 1);
  assert.equal(several.said, '');
  const lines = several.complained.split('\n');
  const told = lines.filter((line) => line.startsWith('server: '));
  assert.equal(told.length, 2);
  for (const [at, line] of told.entries())
    assert.match(
      line,
      new RegExp(`^server: task [01] \\(pid \\d+\\) ended with code 3; replacement ${at + 1} of at most 2$`),
    );
  assert.match(
    several.complained,
    /Error: task [01] \(pid \d+\) ended with code 3, and all 2 replacements are used up/,
  );
});

test('processes that die while they start are each replaced, at most once a second', async () => {
  const startedMs = performance.now();
  const several = new Several('epoll', 2, 100, 3);
  const replacements = () => several.complained.split('; replacement').length - 1;
  await until(() => replacements() >= 5, '5 replacements');
  // Of five one of the two processes has had three, which takes it two seconds at least, however idle the machine.
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs >= 2000, `${replacements()} replacements in ${tookMs} ms`);
  several.first.kill('SIGKILL');
});

for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
  test(`no process is left when the first one ends with ${signal}`, async () => {
    const several = new Several('epoll', 2, 5);
    await several.port();
    const pids = several.pids;
    assert.equal(pids.length, 2);
    several.first.kill(signal);
    assert.deepEqual(await several.exit, [null, signal]);
    await untilGone(...pids);
    assert.equal(several.complained, '');
  });
}

test('a task that cannot hear the first process any more says why and ends', async () => {
  const several = new Several('poll', 2, 5);
  const socket = connect(await several.port(), '127.0.0.1');
  socket.on('error', () => {});
  socket.write('lose\r\n');
  await until(() => several.complained.includes('it is not replaced'), 'the end of the task');
  assert.match(several.complained, /^ioloop: error in handler of fd 3: .*EBADF/);
  assert.match(several.complained, /server: task [01] \(pid \d+\) ended with code 0; it is not replaced/);
  socket.destroy();
  several.first.kill();
  await several.exit;
});

test('0 processes are one for each CPU', async () => {
  const several = new Several('epoll', 0, 5);
  await several.port();
  assert.equal(several.pids.length, os.availableParallelism());
  several.first.kill();
  await several.exit;
});

onEveryPoller('T1', 'start refuses a number of processes that is none', (net) => {
  const server = net.server((stream) => stream.close());
  const port = server.bind(0);
  for (const processes of [-1, 1.5, Number.NaN]) assert.throws(() => server.start(processes), RangeError);
  // What was bound is bound.
  assert.equal(server.addresses[0]?.port, port);
});

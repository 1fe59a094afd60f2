import assert from 'node:assert/strict';
import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill('SIGKILL');
});

async function serve(args: string[], stdio: StdioOptions = ['ignore', 'pipe', 'pipe']) {
  const child = spawn(process.execPath, [MAIN, 'serve', ...args], { stdio });
  started.push(child);
  let printed = '';
  child.stdout?.on('data', (chunk) => {
    printed += chunk;
  });
  for (let waitedMs = 0; !printed.includes('\n'); waitedMs += 20) {
    assert.ok(waitedMs < 15_000 && child.exitCode === null, `no line on stdout, but '${printed}'`);
    await sleep(20);
  }
  const port = Number(/^listening on 127\.0\.0\.1:(\d+)\n$/.exec(printed)?.[1]);
  const pid = child.pid ?? 0;
  const family = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return { child, port, family };
}

async function assertGone(pids: readonly number[]): Promise<void> {
  assert.ok(pids.length > 0);
  for (const pid of pids) {
    for (let waitedMs = 0; existsSync(`/proc/${pid}`) && waitedMs < 5000; waitedMs += 20) await sleep(20);
    assert.equal(existsSync(`/proc/${pid}`), false, `process ${pid} is left`);
  }
}

/** The processes below those of the family. */
const childrenOf = (pids: readonly number[]): number[] =>
  pids.flatMap((pid) =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );

async function echoes(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write('hello');
  const [reply] = await once(socket, 'data');
  assert.equal(String(reply), 'hello');
  socket.destroy();
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
  test(`serve says where it listens, serves, and ${signal} ends it and its server`, async () => {
    const { child, port, family } = await serve(['--poller', 'epoll', '--app', 'echo']);
    await echoes(port);
    child.kill(signal);
    const [, by] = await once(child, 'exit');
    assert.equal(by, signal);
    await assertGone(family);
  });
}

test('serve ends with its stdin where that is a pipe', async () => {
  const { child, port, family } = await serve(
    ['--poller', 'poll', '--app', 'echo'],
    ['pipe', 'pipe', 'pipe'],
  );
  await echoes(port);
  child.stdin?.end();
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
  await assertGone(family);
});

test('a port that is taken is refused in one line that names it', async () => {
  const { child, port } = await serve(['--poller', 'epoll', '--app', 'fixed']);
  const args = [MAIN, 'serve', '--poller', 'epoll', '--app', 'fixed', '--port', String(port)];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(stderr, `pollcost: cannot listen on 127.0.0.1:${port}: EADDRINUSE\n`);
  assert.equal(status, 2);
  child.kill();
});

test('serve --processes serves with that many, reports and replaces one that is killed, and ends with its stdin', async () => {
  const args = ['--poller', 'poll', '--app', 'echo', '--processes', '2'];
  const { child, port, family } = await serve(args, ['pipe', 'pipe', 'pipe']);
  const servers = childrenOf(family);
  assert.equal(servers.length, 2);
  await echoes(port);
  const [victim = 0] = servers;
  process.kill(victim, 'SIGKILL');
  const [report] = await once(child.stderr as NodeJS.ReadableStream, 'data');
  assert.match(
    String(report),
    new RegExp(`^server: task [01] \\(pid ${victim}\\) ended with SIGKILL; replacement 1 of at most 100\n$`),
  );
  for (let asked = 0; asked < 20; asked++) await echoes(port);
  const all = [...family, ...childrenOf(family)];
  assert.equal(all.length, 3);
  child.stdin?.end();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  await assertGone(all);
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`${signal} ends serve with several processes, and all of them`, async () => {
    const { child, family } = await serve(['--poller', 'epoll', '--app', 'fixed', '--processes', '3']);
    const all = [...family, ...childrenOf(family)];
    assert.equal(all.length, 4);
    child.kill(signal);
    assert.deepEqual(await once(child, 'exit'), [null, signal]);
    await assertGone(all);
  });
}

test('a port on which several processes serve is taken, also for several others', async () => {
  const several = ['--poller', 'epoll', '--app', 'fixed', '--processes', '2'];
  const { child, port } = await serve(several);
  const args = [MAIN, 'serve', ...several, '--port', String(port)];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(stderr, `pollcost: cannot listen on 127.0.0.1:${port}: EADDRINUSE\n`);
  assert.equal(status, 2);
  child.kill();
});

for (const processes of ['1', '2']) {
  test(`serve ends with code 1 and says why when its server is killed (--processes ${processes})`, async () => {
    const { child, family } = await serve(['--poller', 'epoll', '--app', 'fixed', '--processes', processes]);
    const all = [...family, ...childrenOf(family)];
    let complained = '';
    child.stderr?.on('data', (chunk) => {
      complained += chunk;
    });
    process.kill(family[0] as number, 'SIGKILL');
    assert.deepEqual(await once(child, 'close'), [1, null]);
    assert.equal(complained, 'pollcost: server: ended with SIGKILL\n');
    await assertGone(all);
  });
}

const REFUSED: Record<string, [args: string[], message: RegExp]> = {
  'no poller': [['--app', 'fixed'], /required option '--poller <name>' not specified/],
  'an unknown poller': [
    ['--poller', 'epol', '--app', 'fixed'],
    /unknown poller 'epol'; did you mean 'epoll'\?/,
  ],
  'an unknown app': [['--poller', 'epoll', '--app', 'fixd'], /unknown app 'fixd'; did you mean 'fixed'\?/],
  'a host that is no address': [
    ['--poller', 'epoll', '--app', 'fixed', '--host', 'nowhere'],
    /nowhere is not an IPv4 address in dotted form/,
  ],
  'a negative number of processes': [
    ['--poller', 'epoll', '--app', 'fixed', '--processes', '-1'],
    /--processes takes numbers from 0 on; -1 is below/,
  ],
  'half a process': [
    ['--poller', 'epoll', '--app', 'fixed', '--processes', '1.5'],
    /--processes takes whole numbers; 1.5 is a fraction/,
  ],
  'a port out of range': [
    ['--poller', 'epoll', '--app', 'fixed', '--port', '70000'],
    /up to 65535; 70000 is above/,
  ],
};

for (const [name, [args, message]] of Object.entries(REFUSED)) {
  test(`serve with ${name} is refused in one line`, () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'serve', ...args], { encoding: 'utf8' });
    assert.match(stderr, message);
    assert.equal(stderr.trimEnd().split('\n').length, 1);
    assert.equal(status, 2);
  });
}

test('a host that others may reach is served with a warning', async () => {
  const args = [MAIN, 'serve', '--poller', 'epoll', '--app', 'fixed', '--host', '0.0.0.0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  const [warning] = await once(child.stderr, 'data');
  assert.match(String(warning), /^warning: 0\.0\.0\.0 may be reached from other machines/);
  await once(child.stdout, 'data');
  child.kill();
});

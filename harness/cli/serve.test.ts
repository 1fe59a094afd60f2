import assert from 'node:assert/strict';
import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { childrenOf, untilGone } from '../testing/processes.js';
import { until } from '../testing/until.js';

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
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  await until(
    () => printed.includes('\n') || hasEnded(),
    () => `a line on stdout; it says '${printed}'`,
  );
  const port = Number(/^listening on 127\.0\.0\.1:(\d+)\n$/.exec(printed)?.[1]);
  const family = childrenOf(child.pid as number);
  return { child, port, family };
}

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
    await untilGone(...family);
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
  await untilGone(...family);
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
  const servers = family.flatMap(childrenOf);
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
  const all = [...family, ...family.flatMap(childrenOf)];
  assert.equal(all.length, 3);
  child.stdin?.end();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  await untilGone(...all);
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`${signal} ends serve with several processes, and all of them`, async () => {
    const { child, family } = await serve(['--poller', 'epoll', '--app', 'fixed', '--processes', '3']);
    const all = [...family, ...family.flatMap(childrenOf)];
    assert.equal(all.length, 4);
    child.kill(signal);
    assert.deepEqual(await once(child, 'exit'), [null, signal]);
    await untilGone(...all);
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
    const all = [...family, ...family.flatMap(childrenOf)];
    let complained = '';
    child.stderr?.on('data', (chunk) => {
      complained += chunk;
    });
    process.kill(family[0] as number, 'SIGKILL');
    assert.deepEqual(await once(child, 'close'), [1, null]);
    assert.equal(complained, 'pollcost: server: ended with SIGKILL\n');
    await untilGone(...all);
  });
}

/** One fd for stdin, made by Python, which has every kind of socket. */
const UNREADABLE: Record<string, string> = {
  'a TCP socket that is not connected': 's = socket.socket()',
  'a TCP socket that listens': 's = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()',
  'a unix socket that is not connected': 's = socket.socket(socket.AF_UNIX)',
  'a UDP socket': 's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
  'the end of a pipe that is written to': 's = os.pipe()[1]',
};
const isTherePython = spawnSync('python3', ['--version']).error === undefined;
const needsPython = isTherePython ? {} : { skip: 'there is no python3 to make the socket with' };

for (const [what, made] of Object.entries(UNREADABLE)) {
  test(`serve goes on where its stdin is ${what}`, needsPython, async () => {
    const script = `import os, socket, sys\n${made}\nos.dup2(s if isinstance(s, int) else s.fileno(), 0)\nos.execv(sys.argv[1], sys.argv[1:])`;
    const args = ['-c', script, process.execPath, MAIN, 'serve', '--poller', 'epoll', '--app', 'echo'];
    const child = spawn('python3', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    started.push(child);
    const [line] = await once(child.stdout, 'data');
    const port = Number(/:(\d+)\n$/.exec(String(line))?.[1]);
    // What Node finds out about such a stream it says within a few turns of its loop, and an echo takes more.
    for (let asked = 0; asked < 20; asked++) await echoes(port);
    assert.equal(child.exitCode, null);
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGTERM']);
  });
}

test('serve ends when the connection that is its stdin is reset', needsPython, async () => {
  const script = `import os, socket, struct, sys
l = socket.create_server(("127.0.0.1", 0)); c = socket.create_connection(l.getsockname()); d, _ = l.accept()
if os.fork() == 0:
  os.dup2(c.fileno(), 0); l.close(); d.close(); c.close(); os.execv(sys.argv[1], sys.argv[1:])
c.close(); sys.stdin.readline()
d.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); d.close()
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))`;
  const args = ['-c', script, process.execPath, MAIN, 'serve', '--poller', 'epoll', '--app', 'echo'];
  const child = spawn('python3', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  started.push(child);
  await once(child.stdout, 'data');
  child.stdin.end('now\n');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

const canUnshare = spawnSync('unshare', ['-fp', '--mount-proc', 'true']).status === 0;
const needsUnshare = canUnshare ? {} : { skip: 'this sandbox allows no pid namespace' };

for (const [signal, code] of Object.entries({ SIGTERM: 143, SIGINT: 130, SIGHUP: 129, SIGQUIT: 131 })) {
  for (const processes of ['1', '2']) {
    test(
      `${signal} ends serve --processes ${processes} as process 1, and its servers`,
      needsUnshare,
      async () => {
        const serving = ['serve', '--poller', 'epoll', '--app', 'http', '--processes', processes];
        const args = ['-fp', '--mount-proc', process.execPath, MAIN, ...serving];
        const child = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'pipe'] });
        started.push(child);
        await once(child.stdout, 'data');
        const [first = 0] = childrenOf(child.pid as number);
        const servers = childrenOf(first);
        process.kill(first, signal as NodeJS.Signals);
        // unshare passes the exit code on.
        assert.deepEqual(await once(child, 'exit'), [code, null]);
        await untilGone(first, ...servers);
      },
    );
  }
}

test('SIGTERM ends doctor as process 1', needsUnshare, async () => {
  const child = spawn('unshare', ['-fp', '--mount-proc', process.execPath, MAIN, 'doctor'], {
    stdio: 'ignore',
  });
  started.push(child);
  // Once it has started a process its own program runs.
  let first = 0;
  await until(() => {
    [first = 0] = childrenOf(child.pid as number);
    return first > 0 && childrenOf(first).length > 0;
  }, 'a process that doctor starts');
  process.kill(first, 'SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [143, null]);
});

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

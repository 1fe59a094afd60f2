import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { test } from 'node:test';
import { testContract } from './contract/suite.js';
import { assertReady, assertSilent, openFds, raise, receive, send, Workbench } from './contract/workbench.js';
import { type IoUringOptions, IoUringPoller } from './io-uring.js';
import { adviceOn } from './libc/linux/io-uring.js';
import { type Interest, READ, WRITE } from './poller.js';

/** Everything again, as kernels have it that know nothing but the first interface. */
testContract('io_uring of an old kernel', (options) => new IoUringPoller({ ...options, age: 'oldest' }));

/** What a process of its own runs, where a defect would spin or needs another user. */
const programOf = (script: string): string => `
  const { IoUringPoller } = await import(${JSON.stringify(new URL('./io-uring.js', import.meta.url).href)});
  const { eventfd, write } = await import(${JSON.stringify(new URL('./libc/linux/files.js', import.meta.url).href)});
  const { allocate, foreign } = await import(${JSON.stringify(new URL('./libc/memory.js', import.meta.url).href)});
  ${script}`;

async function onBench(
  run: (bench: Workbench, poller: IoUringPoller) => void,
  options?: IoUringOptions,
): Promise<void> {
  const bench = new Workbench({ name: 'io_uring', create: () => new IoUringPoller(options) });
  try {
    run(bench, bench.poller() as IoUringPoller);
  } finally {
    await bench.clear();
  }
}

for (const age of ['newest', 'oldest'] as const) {
  const titled = (title: string) => `io_uring (${age}) ${title}`;

  test(titled('leaves nothing of 50 000 registrations and cancellations'), () =>
    onBench(
      (bench, poller) => {
        const fdsBefore = openFds();
        const fds = Array.from({ length: 100 }, () => bench.eventfd());
        const others = fds.map((fd, at) => (at % 3 === 0 ? bench.raisedEventfd() : fd));
        let bytesBefore = 0;
        for (let pass = 0; pass < 500; pass++) {
          for (const fd of others) poller.register(fd, READ);
          if (pass === 0) bytesBefore = poller.userBytes();
          if (pass % 7 === 0) poller.wait(0);
          for (const fd of others) poller.unregister(fd);
        }
        assert.equal(poller.size, 0);
        assert.equal(poller.userBytes(), bytesBefore);
        assertSilent(poller);
        assert.equal(poller.fdsExamined, 0, 'completions are left');
        // The kernel holds no file of theirs: each end of a pipe hears at once that the other is closed.
        const [reader, writer] = bench.pipe();
        poller.register(writer, WRITE);
        assertReady(poller, [[writer, WRITE]]);
        poller.unregister(writer);
        assertSilent(poller);
        bench.close(writer);
        assert.equal(receive(reader), '');
        for (const fd of new Set([...fds, ...others])) bench.close(fd);
        bench.close(reader);
        assert.deepEqual(openFds(), fdsBefore);
      },
      { age },
    ),
  );

  test(titled('grows its rings with what it watches, and loses nobody'), () =>
    onBench(
      (bench, poller) => {
        const bytesBefore = poller.userBytes();
        const fds = bench.eventfds(1500, poller);
        for (const [at, fd] of fds.entries()) {
          if (at % 2 === 0) raise(fd);
          poller.register(fd, READ);
          if (at === 200) assert.equal(poller.wait(0), 101);
        }
        const ready = fds.filter((_, at) => at % 2 === 0).map((fd): [number, number] => [fd, READ]);
        assertReady(poller, ready);
        assertReady(poller, ready);
        assert.ok(poller.userBytes() > bytesBefore);
      },
      { age },
    ),
  );

  test(titled('hands over what does not fit into the completion ring with the waits that follow'), () =>
    onBench(
      (bench, poller) => {
        const fd = bench.raisedEventfd();
        poller.register(fd, READ);
        // Each leaves a completion that is nobody's: far more than the 512 that the ring has room for.
        for (let change = 0; change < 2000; change++) poller.modify(fd, change % 2 ? READ : WRITE);
        let seen = 0;
        for (let wait = 0; wait < 20 && seen === 0; wait++) seen = poller.wait(0);
        assert.equal(seen, 1);
        assertReady(poller, [[fd, READ]]);
        assertReady(poller, [[fd, READ]]);
      },
      { age },
    ),
  );

  test(titled('lets go of every file when it is closed'), () =>
    onBench(
      (bench, poller) => {
        const pipes = Array.from({ length: 300 }, () => bench.pipe());
        for (const [, writer] of pipes) poller.register(writer, WRITE);
        assert.equal(poller.wait(0), 300);
        const idle = Array.from({ length: 300 }, () => bench.pipe());
        for (const [reader] of idle) poller.register(reader, READ);
        assert.equal(poller.wait(0), 300);
        poller.close();
        for (const [reader, writer] of pipes) {
          bench.close(writer);
          assert.equal(receive(reader), '');
        }
        for (const [reader, writer] of idle) {
          bench.close(reader);
          assert.throws(() => send(writer, 'x'), { code: 'EPIPE' });
        }
      },
      { age },
    ),
  );
}

test('io_uring asks about READ and WRITE of one fd at once, and about what is left again', () =>
  onBench((bench, poller) => {
    const [fd, peer] = bench.pair();
    poller.register(fd, (READ | WRITE) as Interest);
    assertReady(poller, [[fd, WRITE]]);
    send(peer, 'x');
    assertReady(poller, [[fd, READ | WRITE]]);
    assert.equal(receive(fd), 'x');
    assertReady(poller, [[fd, WRITE]]);
  }));

test('a wait of io_uring goes on when all that came was of registrations that have ended', () =>
  onBench((bench, poller) => {
    const [fd, other] = [bench.eventfd(), bench.eventfd()];
    poller.register(fd, READ);
    poller.register(other, READ);
    assertSilent(poller);
    poller.unregister(fd);
    const startedAt = performance.now();
    assert.equal(poller.wait(30), 0);
    assert.ok(performance.now() - startedAt >= 30);
    assert.equal(poller.fdsExamined, 0);
  }));

test('a timed wait of io_uring goes on when what an earlier one left was of registrations that have ended', () =>
  onBench(
    (bench, poller) => {
      const [fd, idle] = [bench.raisedEventfd(), bench.eventfd()];
      poller.register(idle, READ);
      assertSilent(poller);
      for (let change = 0; change < 5; change++) {
        poller.modify(idle, READ);
        poller.register(fd, READ);
        while (poller.wait(0) === 0);
        poller.unregister(fd);
      }
      const startedAt = performance.now();
      assert.equal(poller.wait(30), 0);
      assert.ok(performance.now() - startedAt >= 30);
    },
    { room: 1 },
  ));

/** What the kernel says when it has queued work for another call; never taken back while there is none. */
const IORING_SQ_TASKRUN = 4;

test('a wait of io_uring ends where the kernel says that there is more, and there is nothing', () => {
  const script = `
    const poller = new IoUringPoller();
    const fd = eventfd();
    poller.register(fd, 1);
    const counts = [poller.wait(0)];
    const flags = new Int32Array(foreign(poller.native.call().sqFlags, 4));
    Atomics.or(flags, 0, ${IORING_SQ_TASKRUN});
    counts.push(poller.wait(0), poller.wait(5));
    const one = allocate(8);
    new BigUint64Array(one.buffer)[0] = 1n;
    write(fd, one.address, 8);
    counts.push(poller.wait(null), poller.wait(0));
    console.log(counts.join());`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', programOf(script)],
    { encoding: 'utf8', timeout: 20_000 },
  );
  assert.equal(stdout.trim(), '0,0,0,1,1', stderr);
});

test('a file that io_uring watched is closed with its fd, once it is unregistered', () =>
  onBench((bench, poller) => {
    const [reported, silent, unasked] = [bench.pipe(), bench.pipe(), bench.pipe()];
    poller.register(reported[1], WRITE);
    poller.register(silent[0], READ);
    assertReady(poller, [[reported[1], WRITE]]);
    poller.register(unasked[1], WRITE);
    for (const fd of [reported[1], silent[0], unasked[1]]) {
      poller.unregister(fd);
      bench.close(fd);
    }
    assert.equal(receive(reported[0]), '');
    assert.throws(() => send(silent[1], 'x'), { code: 'EPIPE' });
    assert.equal(receive(unasked[0]), '');
  }));

test('a file that is closed while io_uring watches it lives on until it is unregistered', () =>
  onBench((bench, poller) => {
    const [reader, writer] = bench.pipe();
    poller.register(reader, READ);
    assertSilent(poller);
    bench.close(reader);
    send(writer, 'x');
    poller.unregister(reader);
    assert.throws(() => send(writer, 'x'), { code: 'EPIPE' });
  }));

test('a ring that cannot be made is refused with its cause and what would change it', () => {
  const { EPERM, ENOSYS, ENOMEM, EMFILE } = constants.errno;
  assert.match(adviceOn(EPERM, '2') ?? '', /io_uring_disabled is 2; sysctl kernel\.io_uring_disabled=0/);
  assert.match(adviceOn(EPERM, '0') ?? '', /seccomp/);
  assert.match(adviceOn(EPERM, null) ?? '', /seccomp/);
  assert.match(adviceOn(ENOSYS, null) ?? '', /no io_uring.*5\.11/);
  assert.match(adviceOn(ENOMEM, '0') ?? '', /locked memory .*ulimit -l/);
  assert.equal(adviceOn(EMFILE, '0'), undefined);
});

/** Runs as nobody, whom limits hold, with so many KiB that may be locked. */
function withLockedKib(kib: number, script: string) {
  const nobody = [
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    '--inh-caps=-all',
    '--bounding-set=-all',
  ];
  const shell = `ulimit -l ${kib} && exec "$0" --input-type=module -e "$1"`;
  return spawnSync('setpriv', [...nobody, 'sh', '-c', shell, process.execPath, programOf(script)], {
    encoding: 'utf8',
    cwd: '/',
    timeout: 60_000,
  });
}

const canBeNobody = (() => {
  const { error, stdout } = withLockedKib(0, "console.log('here');");
  if (error) return `setpriv cannot be run: ${error.message}`;
  return stdout.trim() === 'here' ? undefined : 'no other user may run this program';
})();

test('a ring that may not lock its memory is refused with that cause', { skip: canBeNobody }, (t) => {
  const { stdout, stderr } = withLockedKib(
    0,
    'try { new IoUringPoller(); } catch (error) { console.log(error.message); }',
  );
  if (stdout === '' && stderr === '') return t.skip('this kernel counts no ring against that limit');
  assert.match(
    stdout,
    /^io_uring_setup: ENOMEM: .*locked memory unless the process has CAP_IPC_LOCK; ulimit -l/,
  );
  return undefined;
});

test('a ring that may not grow goes on as it is, and reports everybody', { skip: canBeNobody }, () => {
  const { stdout, stderr } = withLockedKib(
    64,
    `const poller = new IoUringPoller();
    const one = allocate(8);
    new BigUint64Array(one.buffer)[0] = 1n;
    const fds = Array.from({ length: 600 }, eventfd);
    for (const fd of fds) poller.register(fd, 1);
    for (const fd of fds) write(fd, one.address, 8);
    const seen = new Set();
    for (let wait = 0; wait < 20; wait++)
      for (let at = 0, count = poller.wait(0); at < count; at++) seen.add(poller.readyFds[at]);
    poller.close();
    console.log(seen.size);`,
  );
  assert.equal(stdout.trim(), '600', stderr);
});

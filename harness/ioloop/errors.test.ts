import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { SyscallError } from '../../pollers/libc/call.js';
import { READ, WRITE } from '../../pollers/poller.js';
import { fakeLoop } from './testing/fake-loop.js';

const EPIPE = 32;

test('L13 a throwing handler is reported with its fd, and everything goes on', () => {
  const reports: unknown[] = [];
  const { loop, poller } = fakeLoop({ onError: (report) => reports.push(report) });
  const error = new Error('defect');
  let others = 0;
  loop.addHandler(
    7,
    () => {
      throw error;
    },
    READ,
  );
  loop.addHandler(
    8,
    () => {
      if (++others === 2) loop.stop();
    },
    READ,
  );
  poller.planReady([7, READ], [8, READ]);
  poller.planReady([8, READ]);
  loop.start();
  assert.equal(others, 2);
  assert.deepEqual(reports, [{ source: 'handler', fd: 7, error, count: 1 }]);
  assert.equal(poller.interestOf(7), READ);
});

test('L13 the errors of one fd are reported at most once a second, with their count', () => {
  const reports: { atMs: number; fd: number; count: number }[] = [];
  const { loop, poller, clock } = fakeLoop({
    onError(report) {
      assert.equal(report.source, 'handler');
      if (report.source === 'handler')
        reports.push({ atMs: clock.now(), fd: report.fd, count: report.count });
    },
  });
  const throwing = (fd: number) => {
    throw new Error(`defect ${fd}`);
  };
  loop.addHandler(7, throwing, READ);
  loop.addHandler(8, throwing, READ);
  // At 1 100, 1 200, ..., 3 500; fd 8 for the first time at 3 000.
  for (let i = 1; i <= 25; i++) {
    const ready: [number, number][] = [[7, READ]];
    if (i >= 20) ready.push([8, READ]);
    poller.plan({ afterMs: 100, ready });
  }
  loop.callLater(10_000, () => loop.stop());
  loop.start();
  assert.deepEqual(reports, [
    { atMs: 1100, fd: 7, count: 1 },
    { atMs: 2100, fd: 7, count: 10 },
    { atMs: 3000, fd: 8, count: 1 },
    { atMs: 3100, fd: 7, count: 10 },
    { atMs: 4000, fd: 8, count: 5 },
    { atMs: 4100, fd: 7, count: 4 },
  ]);
  assert.equal(loop.counters.errors, 31);
  // Then nothing is due any more, and the next error is news again.
  poller.plan({ ready: [[7, READ]] }, { ready: [[7, READ]] });
  loop.callLater(0, () => loop.callLater(1, () => loop.stop()));
  loop.start();
  assert.deepEqual(reports.slice(6), [{ atMs: 11_000, fd: 7, count: 1 }]);
  loop.close();
  assert.deepEqual(reports.slice(7), [{ atMs: 11_001, fd: 7, count: 1 }]);
});

test('L14 a broken pipe is counted and not reported', () => {
  const { loop, poller } = fakeLoop();
  loop.addHandler(
    7,
    () => {
      loop.stop();
      throw new SyscallError('write', EPIPE, 7);
    },
    WRITE,
  );
  poller.planReady([7, WRITE]);
  loop.start();
  assert.equal(loop.counters.brokenPipes, 1);
  assert.equal(loop.counters.errors, 0);
});

test('L15 callbacks and timers that throw do not keep others from running', () => {
  const reports: string[] = [];
  const { loop } = fakeLoop({ onError: ({ source, error }) => reports.push(`${source}: ${error}`) });
  const trace: string[] = [];
  const thrown = (what: unknown) => () => {
    throw what;
  };
  loop.addCallback(thrown('one'));
  loop.addCallback(() => trace.push('callback'));
  loop.callLater(0, thrown(undefined));
  loop.callLater(0, () => trace.push('timer'));
  loop.callLater(5, () => loop.stop());
  loop.start();
  assert.deepEqual(trace, ['callback', 'timer']);
  assert.deepEqual(reports, ['callback: one', 'timer: undefined']);
  assert.equal(loop.counters.errors, 2);
});

test('L13 without a sink of one’s own, errors go to stderr, and one that is closed or full harms nobody', () => {
  const module = new URL('./errors.js', import.meta.url).href;
  const script = `import { reportToStderr } from '${module}';
    reportToStderr({ source: 'handler', fd: 7, error: new Error('defect'), count: 1 });
    reportToStderr({ source: 'handler', fd: 7, error: 'again', count: 12 });
    reportToStderr({ source: 'timer', error: undefined });`;
  const program = ['--input-type=module', '-e', script];
  const { status, stderr } = spawnSync(process.execPath, program, { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.match(stderr, /^ioloop: error in handler of fd 7: Error: defect\n {4}at /);
  assert.match(stderr, /^ioloop: error in handler of fd 7 \(12 times since the last report\): again$/m);
  assert.match(stderr, /^ioloop: error in timer: undefined$/m);

  const shell = `"$0" "$@" 2>&1 >/dev/null | :; exit \${PIPESTATUS[0]}`;
  const piped = spawnSync('bash', ['-c', shell, process.execPath, ...program], { encoding: 'utf8' });
  assert.equal(piped.status, 0);
  const toFullDisk = `exec "$0" "$@" 2>/dev/full`;
  assert.equal(spawnSync('bash', ['-c', toFullDisk, process.execPath, ...program]).status, 0);
});

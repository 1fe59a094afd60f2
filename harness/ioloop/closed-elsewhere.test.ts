import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lower, raise } from '../../pollers/contract/workbench.js';
import { close, isOpen } from '../../pollers/libc/linux/files.js';
import { ERROR, READ } from '../../pollers/poller.js';
import type { ErrorReport } from './errors.js';
import { IOLoop } from './ioloop.js';
import { fail, fakeLoop } from './testing/fake-loop.js';
import { onEveryPoller, type RealLoop } from './testing/on-every-poller.js';

/** An fd that is closed while the loop watches it: whoever had it is told once, and the loop does not spin. */

const RUN_MS = 20;
const MOST_TURNS = 20;

/** Whether the poller itself notices; epoll forgets a file with its last fd, without a word. */
const sees = ({ poller }: RealLoop): boolean => !poller.capabilities.registersBySyscall;

/** Runs, lets `action` happen meanwhile, and returns how many turns were made after it. */
function turnsAfter({ loop }: RealLoop, action: () => void): number {
  let before = 0;
  loop.callLater(1, () => {
    action();
    before = loop.counters.turns;
    loop.callLater(RUN_MS, () => loop.stop());
  });
  loop.start();
  return loop.counters.turns - before;
}

onEveryPoller('S31 a raw handler gets ERROR once, and the others go on', (real) => {
  const { loop, bench } = real;
  const [closed, other] = [bench.eventfd(), bench.eventfd()];
  const told: number[] = [];
  let served = 0;
  loop.addHandler(closed, (_fd, events) => told.push(events), READ);
  loop.addHandler(
    other,
    (fd) => {
      served++;
      lower(fd);
    },
    READ,
  );
  const turns = turnsAfter(real, () => {
    bench.close(closed);
    raise(other);
  });
  assert.ok(turns <= MOST_TURNS, `${turns} turns`);
  assert.deepEqual(told, sees(real) ? [ERROR] : []);
  assert.equal(served, 1);
  // Its number is free for another file.
  assert.equal(bench.moveTo(bench.eventfd(), closed), closed);
  if (!sees(real)) loop.removeHandler(closed);
  loop.addHandler(closed, fail('the handler of the new file'), READ);
  assert.ok(turnsAfter(real, () => {}) <= MOST_TURNS);
});

test('S31 an ERROR alone of an fd that is open takes nobody off the loop', () => {
  const { loop, poller } = fakeLoop();
  // Any fd that is open while a test runs.
  const fd = 0;
  let calls = 0;
  loop.addHandler(fd, () => ++calls === 2 && loop.stop(), READ);
  poller.planReady([fd, ERROR]);
  poller.planReady([fd, ERROR]);
  loop.start();
  assert.equal(calls, 2);
  assert.equal(poller.interestOf(fd), READ);
});

/** A loop whose errors are kept, on the same poller as the one that the test brings. */
function keepingErrors(real: RealLoop): RealLoop & { readonly codes: () => unknown[] } {
  const reports: ErrorReport[] = [];
  const loop = new IOLoop({ poller: real.bench.poller(), onError: (report) => reports.push(report) });
  real.after(() => loop.close());
  const codes = () => reports.map(({ error }) => (error as { code?: unknown }).code);
  return { ...real, loop, codes };
}

onEveryPoller('S31 a waker that was closed is reported once, and the loop closes without it', (real) => {
  const mine = keepingErrors(real);
  const { loop, bench, codes } = mine;
  const { fd } = loop.openWaker(fail('the waker'));
  const turns = turnsAfter(mine, () => close(fd));
  assert.ok(turns <= MOST_TURNS, `${turns} turns`);
  assert.deepEqual(codes(), sees(real) ? ['EBADF'] : []);
  if (!sees(real)) return loop.close();
  const taken = bench.moveTo(bench.eventfd(), fd);
  loop.close();
  assert.ok(isOpen(taken), 'another file that has the number by now');
});

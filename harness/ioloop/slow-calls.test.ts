import assert from 'node:assert/strict';
import { test } from 'node:test';
import { READ } from '../../pollers/poller.js';
import { fakeLoop } from './testing/fake-loop.js';

test('a handler that takes longer than the threshold is reported, and so are callbacks and timers', () => {
  const slow: unknown[] = [];
  const { loop, poller, clock } = fakeLoop({ slow: { aboveMs: 10, report: (call) => slow.push(call) } });
  const takes = (ms: number) => clock.advance(ms);
  loop.addHandler(
    7,
    function dawdling() {
      takes(12);
      loop.stop();
    },
    READ,
  );
  loop.addHandler(8, () => takes(10), READ);
  loop.addCallback(function brooding() {
    takes(15);
  });
  loop.callLater(0, function lingering() {
    takes(11);
  });
  poller.planReady([7, READ], [8, READ]);
  loop.start();
  assert.deepEqual(slow, [
    { source: 'callback', fd: -1, name: 'brooding', tookMs: 15 },
    { source: 'timer', fd: -1, name: 'lingering', tookMs: 11 },
    { source: 'handler', fd: 7, name: 'dawdling', tookMs: 12 },
  ]);
});

test('a handler that takes too long and throws is reported for both, and goes on being called', () => {
  const reported: string[] = [];
  const { loop, poller, clock } = fakeLoop({
    slow: { aboveMs: 10, report: ({ name, tookMs }) => reported.push(`${name} took ${tookMs} ms`) },
    onError: ({ source, error }) => reported.push(`${source}: ${(error as Error).message}`),
  });
  let calls = 0;
  loop.addHandler(
    7,
    function failing() {
      clock.advance(11);
      if (++calls === 2) loop.stop();
      throw new Error(`call ${calls}`);
    },
    READ,
  );
  poller.planReady([7, READ]);
  poller.planReady([7, READ]);
  loop.start();
  loop.close();
  assert.deepEqual(reported, [
    'failing took 11 ms',
    'handler: call 1',
    'failing took 11 ms',
    // What was thrown within a second of the first is held back until the loop is closed.
    'handler: call 2',
  ]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logAxis } from './axis.js';
import { type Label, lieOnEachOther, liesOnLine, lineEnds } from './line-labels.js';

const SIZE = { width: 316, height: 236 };
const X = logAxis('watched fds', 'count', [1, 10_000]);
const Y = logAxis('CPU time', 'time', [100, 1e7]);

const line = (poller: string, xs: readonly number[], cost: (x: number) => number) =>
  xs.map((x) => ({ poller, series: 'pollcost', x, value: cost(x) }));
const overlapping = (labels: readonly Label[]) =>
  labels.flatMap((one, at) =>
    labels.slice(at + 1).flatMap((other) => (lieOnEachOther(one, other) ? [[one.text, other.text]] : [])),
  );

const ALL = [1, 10, 100, 1_000, 10_000];

test('the names of lines that end together, or nearly, lie on no other name', () => {
  for (const spread of [0, 0.01, 0.3]) {
    const names = [
      'busy',
      'select-wide',
      'poll',
      'epoll',
      'epoll-et',
      'epoll-oneshot',
      'io_uring',
      'mine',
      'my-other',
    ];
    const shown = names.flatMap((name, index) => line(name, ALL, (x) => 300 * x * (1 + index * spread)));
    const labels = lineEnds(shown, X, Y, SIZE);
    assert.equal(labels.length, names.length);
    assert.deepEqual(overlapping(labels), [], `spread ${spread}`);
    for (const { top } of labels) assert.ok(top >= 0 && top <= SIZE.height);
  }
});

for (const [who, factor] of [
  ['io_uring', 1.06],
  ['epoll-et', 0.98],
  ['mine', 1],
] as const) {
  test(`the name of ${who}, whose line ends before that of epoll and beside it, keeps off that line`, () => {
    const epoll = line('epoll', ALL, () => 400);
    const shown = [
      ...epoll,
      ...line(who, [1, 10, 100, 1_000], () => 400 * factor),
      ...line('poll', ALL, (x) => 300 * x),
    ];
    const labels = lineEnds(shown, X, Y, SIZE);
    const label = labels.find(({ text }) => text === who);
    assert.ok(label);
    const at = (log: number) => ({
      x: (log / 4) * SIZE.width,
      y: SIZE.height * (1 - Math.log(4) / Math.log(1e5)),
    });
    assert.ok(!liesOnLine(label, [at(0), at(4)]), JSON.stringify(label));
    assert.deepEqual(overlapping(labels), []);
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claims } from './registry.js';
import { COURTS, hold, sittings, swapped } from './testing/courts.js';

/** No verdict is a foregone conclusion: each can come out of figures, and other figures make another one of it. */

test('every claim has a court', () => {
  assert.deepEqual(Object.keys(COURTS).sort(), claims.map(({ id }) => id).sort());
});

for (const sitting of sittings()) {
  const { id, ...verdicts } = sitting;
  test(`${id}: holds, fails and decides nothing by the figures`, () => {
    const { holds, fails, undecided } = verdicts;
    assert.deepEqual({ holds, fails, undecided }, { holds: 'holds', fails: 'fails', undecided: 'undecided' });
  });

  const { swap } = COURTS[id] ?? { swap: '' };
  if (typeof swap !== 'string')
    test(`${id}: ${swap.join(' and ')} in each other's place are another verdict`, () =>
      assert.notEqual(verdicts.swapped, 'holds'));
}

test('swapping twice changes nothing', () => {
  for (const { holds } of Object.values(COURTS))
    assert.deepEqual(swapped(swapped(holds, ['poll', 'epoll']), ['poll', 'epoll']), holds);
});

test('no two effects of all claims have one name under other conditions', () => {
  const names = new Map<string, string>();
  for (const [id, court] of Object.entries(COURTS)) {
    for (const { name } of hold(id, court.holds, court).effects) {
      assert.equal(names.get(name) ?? id, id, `${name} is an effect of ${names.get(name)} and of ${id}`);
      names.set(name, id);
    }
  }
});

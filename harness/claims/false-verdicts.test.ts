import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claims } from './registry.js';
import { AT_LIMITS, tallyOf } from './testing/false-verdicts.js';
import { byNumber } from './testing/planted-turns.js';

test('every measured claim is tried at a limit of its rule', () => {
  const measured = claims.filter(({ kind }) => kind === 'measured').map(({ id }) => id);
  assert.deepEqual([...new Set(AT_LIMITS.map(({ id }) => id))].sort(), measured.sort());
});

test('far from every limit the scatter of launches leaves no run undecided, and each is right', () => {
  const of = (ratio: number) =>
    tallyOf({ id: 'highest-fd', limit: '', truth: byNumber(400, 400 * ratio) }, 10, 1);
  assert.deepEqual([of(2).holds, of(1).fails], [10, 10]);
});

test('at a limit most runs decide nothing, whichever side it is', () => {
  for (const trial of AT_LIMITS.filter(({ id }) => id === 'highest-fd')) {
    const { undecided } = tallyOf(trial, 20, 1);
    assert.ok(undecided >= 16, `${trial.limit}: ${undecided} of 20`);
  }
});

/** Where any one of several brings a verdict about: their chances to do so by mistake do not add up. */
const ANY_OF_SEVERAL = [
  ['busy-polling', 'each at its limit', 100],
  ['idle-is-free', 'all three at once', 100],
  ['less-cpu-mostly', 'as dear with one fd active of 1 000', 30],
  ['few-sockets-cpu', 'as dear in one condition, dearer in the others', 12],
  ['few-sockets-cpu', 'dearer where they stay, as dear at 10 fds elsewhere', 12],
] as const;

for (const [id, limit, runs] of ANY_OF_SEVERAL) {
  test(`${id}: several at their limits at once decide no more often than one does (${limit})`, () => {
    const trial = AT_LIMITS.find((each) => each.id === id && each.limit === limit);
    assert.ok(trial);
    const { undecided } = tallyOf(trial, runs, AT_LIMITS.indexOf(trial) + 1);
    assert.ok(runs - undecided <= Math.ceil(0.05 * runs), `${runs - undecided} of ${runs}`);
  });
}

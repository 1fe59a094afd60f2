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

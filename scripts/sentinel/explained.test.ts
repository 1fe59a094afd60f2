import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenByFullSpeed, explainedShare } from './explained.js';

const COSTS = [100, 101, 180, 182, 99, 700, 181, 102];
const SPEEDS = [2, 2.02, 3.1, 3.12, 1.98, 5, 3.11, 2.03].map((ns) => [ns, ns]);

test('what orders costs as they are explains all of their scatter, and what knows nothing of them none', () => {
  assert.equal(explainedShare(COSTS, SPEEDS), 1);
  const constant = COSTS.map(() => [2, 2]);
  assert.equal(explainedShare(COSTS, constant), 0);
  const halves = [1, 2, 3, 4].map((ns) => [ns]);
  assert.ok(Math.abs(explainedShare([1, 2, 2, 1], halves)) < 1e-12);
});

test('at full speed are those of which every reading is there, as runs find it', () => {
  const everywhere = Array.from({ length: 3 }, () => SPEEDS.flat()).flat();
  assert.deepEqual(chosenByFullSpeed(COSTS, SPEEDS, everywhere), [100, 101, 99, 102]);
  const oneSide = SPEEDS.map(([before = 0], at) => [before, at === 0 ? 3 : before]);
  assert.deepEqual(chosenByFullSpeed(COSTS, oneSide, everywhere), [101, 99, 102]);
  const nearly = SPEEDS.map(([before = 0], at) => [before, at === 0 ? 2.5 : before]);
  assert.deepEqual(chosenByFullSpeed(COSTS, nearly, everywhere), [100, 101, 99, 102]);
  const few = SPEEDS.flat();
  assert.deepEqual(chosenByFullSpeed(COSTS, SPEEDS, few), COSTS, 'too few readings to tell');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoundTable } from './resampling.js';

/** Gives the listed numbers, one a draw, and fails when there are none left. */
function scripted(...numbers: number[]): () => number {
  return () => {
    const next = numbers.shift();
    assert.ok(next !== undefined, 'more draws than expected');
    return next;
  };
}

test('medians over all rounds and over one launch', () => {
  const table = new RoundTable([
    [
      [5, 1, 3],
      [10, 20],
    ],
    [
      [50, 30, 40],
      [2, 1],
    ],
  ]);
  assert.deepEqual([table.launches, table.rounds, ...table.roundsOf], [2, 5, 3, 2]);
  table.selectAll(); // 1 3 5 10 20 and 1 2 30 40 50
  assert.deepEqual([...table.medians], [5, 30]);
  table.selectLaunch(0); // 1 3 5 and 30 40 50
  assert.deepEqual([...table.medians], [3, 40]);
  table.selectLaunch(1); // 10 20 and 1 2
  assert.deepEqual([...table.medians], [15, 1.5]);
});

test('equal figures are counted, not merged', () => {
  const table = new RoundTable([[[7, 7, 1, 9, 9, 9]]]);
  table.selectAll(); // 1 7 7 | 9 9 9
  assert.equal(table.medians[0], 8);
});

test('resampled rounds stay in their launch, and every series sees the same rounds', () => {
  const table = new RoundTable([
    [
      [1, 2, 3],
      [10, 20],
    ],
    [
      [-1, -2, -3],
      [-10, -20],
    ],
  ]);
  // rounds 2, 2, 0 of launch 0 and 1, 1 of launch 1: 3 3 1 20 20
  table.resampleRounds(scripted(0.9, 0.99, 0.1, 0.5, 0.7));
  assert.deepEqual([...table.medians], [3, -3]);
});

test('resampled launches bring as many rounds as they have', () => {
  const table = new RoundTable([
    [
      [1, 2, 3],
      [10, 20],
    ],
  ]);
  // launch 1 twice, rounds 0, 1 and 1, 1: 10 20 20 20
  table.resampleLaunchesAndRounds(scripted(0.5, 0.1, 0.6, 0.9, 0.5, 0.8));
  assert.equal(table.medians[0], 20);
  // launch 0 twice, rounds 0, 0, 0 and 1, 1, 1: 1 1 1 2 2 2
  table.resampleLaunchesAndRounds(scripted(0, 0, 0, 0, 0.4, 0.5, 0.5, 0.5));
  assert.equal(table.medians[0], 1.5);
});

test('launches without rounds are left out', () => {
  const table = new RoundTable([[[], [4, 6], []]]);
  assert.deepEqual([table.launches, table.rounds], [1, 2]);
  table.selectAll();
  assert.equal(table.medians[0], 5);
});

test('no figures, infinite figures and different shapes are refused', () => {
  assert.throws(() => new RoundTable([]), /no series/);
  assert.throws(() => new RoundTable([[]]), /no figures/);
  assert.throws(() => new RoundTable([[[], []]]), /no figures/);
  assert.throws(() => new RoundTable([[[1, Infinity]]]), /not finite: Infinity/);
  assert.throws(() => new RoundTable([[[1]], [[1, 2]]]), /different shape/);
});

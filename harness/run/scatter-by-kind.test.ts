import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CellOfLaunches, priorsByKind } from './scatter-by-kind.js';

const LAUNCHES = 4;

/** Ten pollers' cells of one kind, that many logarithms apart from launch to launch, each with windows of its own or one for all. */
function cellsOf(kind: string, apart: number, windowOf: (cell: number, launch: number) => string | null) {
  return Array.from({ length: 10 }, (_, cell): [string, CellOfLaunches] => [
    `server/poller${cell}/pollcost/load=${kind},idle=${cell}`,
    {
      // No two rows alike, none of a launch together.
      figures: Array.from({ length: LAUNCHES }, (_, launch) => apart * Math.sin(7 * cell + 3 * launch)),
      windows: Array.from({ length: LAUNCHES }, (_, launch) => windowOf(cell, launch)),
    },
  ]);
}

const apart = (cell: number, launch: number) => `${cell} alone in ${launch}`;
const shared = (cell: number, launch: number) => `${cell >> 1} and another in ${launch}`;

test('cells that share windows have no prior and are in none', () => {
  const lone = cellsOf('open', 0.02, apart);
  const batches = cellsOf('batch', 0.02, () => null);
  const sharing = cellsOf('closed', 2, shared);
  const priors = priorsByKind(new Map([...lone, ...batches, ...sharing]));
  assert.deepEqual([...priors], [...priorsByKind(new Map([...lone, ...batches]))]);
  assert.equal(priors.size, 20);
  assert.ok(sharing.every(([id]) => !priors.has(id)));
});

test('what shares a window in one launch only is compared within it all the same', () => {
  const once = cellsOf('closed', 0.02, (cell, launch) => (launch === 2 ? shared : apart)(cell, launch));
  assert.equal(priorsByKind(new Map(once)).size, 0);
});

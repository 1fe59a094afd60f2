import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { onePerWaitCall } from '../pollers/manifest.js';
import '../harness/cli/begin.js';
import { table } from '../harness/cli/table.js';
import { ratioInterval } from '../harness/statistics/bootstrap.js';
import { idleTurn, type MeasuredTurns, measureTurns, SELF_SEED } from './self/turns.js';

/**
 * `npm run noise`: the paired ratios of a quiet machine beside those of one whose every core has a busy neighbour.
 * Exit code 1 when one moves by more than the limit.
 */

const LIMIT = 0.02;
const WATCHED = 500;
const points = [idleTurn(1), idleTurn(WATCHED)];

/** What is compared: pollers with each other on the same fds, by round. */
const PAIRS = onePerWaitCall.flatMap((over, at) =>
  onePerWaitCall.slice(at + 1).map((under) => ({ over, under })),
);

// Alternating, so that a slow drift of the machine meets both sides.
const quiet: MeasuredTurns[] = [];
const busy: MeasuredTurns[] = [];
for (let block = 0; block < 3; block++) {
  console.error(`block ${block + 1} of 3: quiet, then with ${availableParallelism()} busy neighbours`);
  quiet.push(await measureTurns(points, 2, 8));
  const neighbours = await startNeighbours();
  try {
    busy.push(await measureTurns(points, 2, 8));
  } finally {
    for (const neighbour of neighbours) neighbour.kill('SIGKILL');
  }
}

let missed = 0;
const rows = PAIRS.map(({ over, under }) => {
  const ratio = (blocks: readonly MeasuredTurns[]) => {
    const sides = blocks.map((block) => block.roundsOf([over, under], { watched: WATCHED }));
    const [numerator, denominator] = [0, 1].map((side) => sides.flatMap((rounds) => rounds[side] ?? []));
    return ratioInterval(numerator ?? [], denominator ?? [], { seed: SELF_SEED });
  };
  const [inQuiet, inNoise] = [ratio(quiet), ratio(busy)];
  const moved = inNoise.value / inQuiet.value - 1;
  if (Math.abs(moved) > LIMIT) missed++;
  const text = ({ value, low, high }: typeof inQuiet) =>
    [value, low, high].map((figure) => figure.toPrecision(4));
  const [quietText, busyText] = [text(inQuiet), text(inNoise)].map(
    ([value, low, high]) => `${value} [${low}, ${high}]`,
  );
  const verdict = Math.abs(moved) > LIMIT ? 'MISSED' : 'kept';
  return [
    `${over} over ${under}, ${WATCHED} watched`,
    quietText ?? '',
    busyText ?? '',
    `${(moved * 100).toFixed(2)} %`,
    verdict,
  ];
});
process.stdout.write(
  table(
    ['paired ratio', 'quiet', 'busy neighbours', 'moved', `limit ${LIMIT * 100} %`],
    rows,
    process.stdout,
  ),
);
process.exitCode = missed === 0 ? 0 : 1;

/** One process per core that does nothing but compute; each ends by itself after two minutes. */
async function startNeighbours(): Promise<ChildProcess[]> {
  const spin = 'const end = Date.now() + 120_000; console.log(1); while (Date.now() < end);';
  const neighbours = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', spin], { stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  await Promise.all(neighbours.map(({ stdout }) => once(stdout as NodeJS.EventEmitter, 'data')));
  return neighbours;
}

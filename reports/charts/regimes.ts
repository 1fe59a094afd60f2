import type { Factors, MeasuredCell, Run } from '../../harness/results/run-schema.js';
import { writeCount, writeNumber } from '../figures.js';
import { groupedBut, levelsOf } from './cells.js';

/** Cells of the live server under one load, which differ in the connections held and in the poller. */

/** A server has no time left when its loop hardly sleeps; one that does not count its turns, when it uses a whole CPU. */
const SATURATED = { sleptShare: 0.05, cpuShare: 0.95 };

export const serverCells = (
  run: Run,
  where: (factors: Factors, cell: MeasuredCell) => boolean,
): MeasuredCell[] =>
  run.cells.filter(
    (cell): cell is MeasuredCell =>
      cell.status === 'measured' &&
      cell.experiment === 'server' &&
      cell.factors.serverPriority === undefined &&
      where(cell.factors, cell),
  );

export const isSaturated = ({ metrics }: MeasuredCell): boolean => {
  const { turnsPerSecond, sleptTurnsPerSecond, cpuShare } = metrics;
  return turnsPerSecond && sleptTurnsPerSecond
    ? sleptTurnsPerSecond.value < SATURATED.sleptShare * turnsPerSecond.value
    : (cpuShare?.value ?? 0) >= SATURATED.cpuShare;
};

const phases: Readonly<Record<string, string>> = {
  storm: 'all at once (storm)',
  spread: 'evenly spread',
  poisson: 'at random (poisson)',
};

export const phaseInWords = ({ phase }: Factors): string => phases[String(phase)] ?? String(phase);

/** "Few in closed loop: 1 asks again as soon as it is answered". */
export const regimeInWords = ({ load, active, ratePerSecond, phase }: Factors): string =>
  load === 'closed'
    ? `Few in closed loop: ${writeCount(Number(active), 'connection asks', 'connections ask')} again once answered`
    : `Open loop: ${writeNumber(Number(ratePerSecond))} requests a second, ${phaseInWords({ phase: phase ?? '' })}`;

/** Each load that was tried with more than one number of held connections. Under open load `active` is a matter of these. */
export const sweeps = (cells: readonly MeasuredCell[]): MeasuredCell[][] => {
  const [closed, open] = ['closed', 'open'].map((load) =>
    cells.filter(({ factors }) => factors.load === load),
  );
  return [...groupedBut(closed ?? [], 'idle'), ...groupedBut(open ?? [], 'idle', 'active')].filter(
    (group) => levelsOf(group, 'idle').length > 1,
  );
};

/** Our own servers as they are meant to be compared: app http, a file table of their own. */
export const ourServers = (run: Run): MeasuredCell[] =>
  serverCells(
    run,
    ({ app, fileTable }, { series }) => series === 'pollcost' && app === 'http' && fileTable === 'private',
  );

/** The sweep under open load, spread, with the most requests a second. */
export const openSweep = (run: Run): MeasuredCell[] =>
  sweeps(ourServers(run))
    .filter(([first]) => first?.factors.phase === 'spread')
    .sort((a, b) => Number(b[0]?.factors.ratePerSecond) - Number(a[0]?.factors.ratePerSecond))[0] ?? [];

import type { Factors, Figure, MeasuredCell, Run } from '../../harness/results/run-schema.js';
import { writeCount, writeFactor, writeList, writeNumber } from '../figures.js';
import { pollersOf } from './cells.js';
import type { Point } from './chart.js';

const atReadiness = ({ ready, position }: Factors): string => {
  if (ready === 0 || position === 'none') return 'nothing ready';
  if (position === 'first') return 'first fd ready';
  if (position === 'last') return 'last fd ready';
  return ready === 1 ? 'one fd ready' : typeof ready === 'number' ? `${writeNumber(ready)} fds ready` : '';
};

const timeouts: Readonly<Record<string, string>> = {
  zero: 'returns at once',
  finite: 'may wait for a time',
  infinite: 'may wait for ever',
};

/** The condition of a turn as the title of a panel: "last fd ready, returns at once". */
export const conditionInWords = (factors: Factors): string => {
  if (factors.timeout === 'slept') {
    const rate = Number(factors.wakesPerSecond ?? 0);
    return `Asleep, woken ${rate > 0 ? `${writeNumber(rate)} times a second` : 'by one fd'}`;
  }
  const words = [atReadiness(factors), timeouts[String(factors.timeout)] ?? ''].filter(Boolean).join(', ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const sockets: Readonly<Record<string, string>> = {
  tcp: 'TCP sockets on loopback',
  unix: 'unix sockets',
  eventfd: 'eventfds',
  file: 'regular files',
};

const onlyLevel = (cells: readonly MeasuredCell[], factor: string): string | undefined => {
  const levels = new Set(cells.map(({ factors }) => factors[factor]));
  const [level] = levels;
  return levels.size === 1 && typeof level === 'string' ? level : undefined;
};

const span = (values: readonly number[], noun: string, plural?: string): string => {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low === high
    ? writeCount(high, noun, plural)
    : `${writeNumber(low)} to ${writeCount(high, noun, plural)}`;
};

/** Which of their samples the figures stand on, where a speed was read beside them. */
const atFullSpeed = (figures: readonly Figure[]): string => {
  const shares = figures.flatMap(({ share }) => share ?? []);
  if (shares.length === 0) return '';
  const [low, high] = [Math.min(...shares), Math.max(...shares)].map((share) => writeNumber(share * 100));
  return `at full speed (${low === high ? low : `${low} to ${high}`}\u00a0% of the samples)`;
};

/** What holds for all the cells of a chart, read from the cells and the environment. */
export const conditionsOf = (
  run: Run,
  cells: readonly MeasuredCell[],
  metric: string,
  clock: string | null = 'thread CPU time',
): string => {
  const figures = cells.flatMap(({ metrics }) => metrics[metric] ?? []);
  const rounds = span(
    figures.map(({ n }) => n),
    'round',
  );
  const launches = span(
    figures.map(({ launches }) => launches),
    'launch',
    'launches',
  );
  const temperature = onlyLevel(cells, 'temperature');
  const fileTable = onlyLevel(cells, 'fileTable');
  const socket = onlyLevel(cells, 'socket');
  return [
    `Linux ${run.environment.kernel}, ${run.environment.arch}`,
    socket && (sockets[socket] ?? socket),
    temperature && `${temperature} caches`,
    fileTable && `${fileTable} file table`,
    clock,
    atFullSpeed(figures),
    `medians over ${rounds} in ${launches} with their 95\u00a0% intervals`,
  ]
    .filter(Boolean)
    .join(' · ');
};

/**
 * The values at the least and at the greatest x that all pollers share, or nothing when there is only one
 * such x.
 */
export const growth = (points: readonly Point[]) => {
  const pollers = pollersOf(points);
  const shared = [...new Set(points.map(({ x }) => x))]
    .filter((x) =>
      pollers.every((poller) => points.some((point) => point.poller === poller && point.x === x)),
    )
    .sort((a, b) => a - b);
  const [from] = shared;
  const to = shared.at(-1);
  if (from === undefined || to === undefined || from === to) return undefined;
  return {
    from,
    to,
    byPoller: pollers.map((poller) => ({ poller, factor: factorBetween(points, poller, from, to) })),
  };
};

const valueAt = (points: readonly Point[], poller: string, x: number): number | undefined =>
  points.find((point) => point.poller === poller && point.x === x)?.value;

const factorBetween = (points: readonly Point[], poller: string, from: number, to: number): number =>
  (valueAt(points, poller, to) ?? Number.NaN) / (valueAt(points, poller, from) ?? Number.NaN);

/** "select 127×, epoll 1.02×" between the ends that all pollers share; empty without two such ends. */
export const growthInWords = (points: readonly Point[]): string =>
  writeList(
    (growth(points)?.byPoller ?? [])
      .filter(({ factor }) => Number.isFinite(factor) && factor > 0)
      .map(({ poller, factor }) => `${poller} ${writeFactor(factor)}`),
  );

import { requireKnown } from '../gate/config.js';
import { type Figure, metricId } from '../gate/figures.js';
import { percent } from '../gate/outputs/result-text.js';
import { type RunFigures, readRunFigures } from '../gate/two-runs.js';
import type { Interval } from '../statistics/bootstrap.js';
import { changePoints } from '../statistics/change-points.js';
import { requireFds } from './fds-for-drawing.js';
import { folderOf } from './folder-of.js';
import { nearest, UsageError } from './usage.js';

export interface HistoryOptions {
  readonly metric?: string;
  readonly json?: boolean;
  /** The page to write beside what is printed. */
  readonly out?: string;
}

const DEFAULT_METRIC = 'watched-fds/epoll/cpuNsPerTurn(watched=1000,ready=0,position=none,timeout=zero)';
const COLUMNS = 40;

interface Point {
  readonly startedAt: string;
  readonly commit: string | null;
  readonly run: string;
  readonly figure: Interval;
  /** Against the mean of the stretch before, where a new one begins. */
  readonly step: number | null;
}

/**
 * Draws one metric of many runs over time, and marks where it changed; on its page every poller that has the metric.
 * @throws UsageError, DamagedFile
 */
export async function history(
  folders: readonly string[],
  { metric = DEFAULT_METRIC, json, out }: HistoryOptions,
): Promise<void> {
  requireKnown(metric, '--metric');
  const runs = folders
    .map(folderOf)
    .map(readRunFigures)
    .toSorted((a, b) => a.run.startedAt.localeCompare(b.run.startedAt));
  const having = runs.filter(({ figures }) => figures.has(metric));
  if (having.length === 0) {
    const known = [...new Set(runs.flatMap(({ figures }) => [...figures.keys()]))];
    throw new UsageError(`none of these runs has '${metric}'${nearest(metric, known.slice(0, 200))}`);
  }
  if (out !== undefined) await writePage(out, having, metric);
  const points = pointsOf(having, metric);
  const missing = runs.length - having.length;
  process.stdout.write(
    json ? `${JSON.stringify({ metric, points, missing }, null, 1)}\n` : drawn(metric, points, missing),
  );
}

async function writePage(out: string, runs: readonly RunFigures[], metric: string): Promise<void> {
  requireFds(`history ... --out ${out}`);
  const { writeHistory } = await import('../../reports/history.js');
  const figure = runs[0]?.figures.get(metric) as Figure;
  const { experiment, factors, metric: name } = figure;
  const pollers = new Set(runs.flatMap(({ figures }) => [...figures.values()].map(({ poller }) => poller)));
  const courses = [...pollers].flatMap((poller) => {
    const id = metricId(experiment, poller, name, factors);
    const places = runs.flatMap(({ figures }, at) => (figures.has(id) ? [at] : []));
    if (places.length === 0) return [];
    const having = places.map((at) => runs[at] as RunFigures);
    const isAbove0 = having.every(({ intervalOf }) => intervalOf(id).value > 0);
    const stages = pointsOf(having, id).map(({ figure: { value, low, high }, step }, index) => ({
      ...{ run: places[index] as number, value, low, high },
      step: step === null ? null : isAbove0 ? { factor: step } : { difference: step },
    }));
    return [{ poller, unit: figure.unit, stages }];
  });
  try {
    await writeHistory(out, { experiment, factors, metric: name, courses, runs: runs.map(({ run }) => run) });
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new UsageError(`${out} cannot be written (${code}); choose another --out`);
  }
}

/** Times are compared as logarithms: a step is a factor. */
function pointsOf(runs: readonly RunFigures[], metric: string): Point[] {
  const figures = runs.map(({ intervalOf }) => intervalOf(metric));
  const positive = figures.every(({ value }) => value > 0);
  const scale = positive ? Math.log : (value: number) => value;
  const series = figures.map(({ value }) => scale(value));
  const cuts = changePoints(series);
  const bounds = [0, ...cuts, series.length];
  const means = bounds.slice(1).map((end, at) => mean(series.slice(bounds[at], end)));
  return runs.map(({ run }, at) => {
    const cut = cuts.indexOf(at);
    const change = cut === -1 ? null : (means[cut + 1] as number) - (means[cut] as number);
    return {
      ...{ startedAt: run.startedAt, commit: run.environment.commit, run: run.id },
      figure: figures[at] as Interval,
      step: change === null ? null : positive ? Math.exp(change) : change,
    };
  });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function drawn(metric: string, points: readonly Point[], missing: number): string {
  const [least, most] = [
    Math.min(...points.map(({ figure }) => figure.low)),
    Math.max(...points.map(({ figure }) => figure.high)),
  ];
  const column = (value: number) =>
    most === least ? 0 : Math.round(((value - least) / (most - least)) * (COLUMNS - 1));
  const lines = points.flatMap(({ startedAt, commit, figure, step }) => {
    const { value, low, high } = figure;
    const bar = Array.from({ length: COLUMNS }, (_, at) =>
      at === column(value) ? '●' : at >= column(low) && at <= column(high) ? '─' : ' ',
    );
    const line = `${startedAt.slice(0, 16)}  ${(commit ?? '').slice(0, 7).padEnd(7)}  ${bar.join('')}  ${short(value)} [${short(low)}, ${short(high)}]`;
    return step === null ? [line] : [`${' '.repeat(27)}${'┄'.repeat(COLUMNS)}  step: ${percent(step)}`, line];
  });
  const steps = points.filter(({ step }) => step !== null).length;
  const foot = `${points.length} runs, ${steps === 0 ? 'no step' : steps === 1 ? 'one step' : `${steps} steps`}${missing > 0 ? `; ${missing} runs do not have it` : ''}`;
  return `${[metric, ...lines, foot].join('\n')}\n`;
}

const short = (value: number): string => String(Number(value.toPrecision(4)));

import { requireKnown } from '../gate/config.js';
import { percent } from '../gate/outputs/result-text.js';
import { type RunFigures, readRunFigures } from '../gate/two-runs.js';
import type { Interval } from '../statistics/bootstrap.js';
import { changePoints } from '../statistics/change-points.js';
import { folderOf } from './folder-of.js';
import { nearest, UsageError } from './usage.js';

export interface HistoryOptions {
  readonly metric?: string;
  readonly json?: boolean;
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

/** Draws one metric of many runs over time, and marks where it changed. @throws UsageError, DamagedFile */
export function history(folders: readonly string[], { metric = DEFAULT_METRIC, json }: HistoryOptions): void {
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
  const points = pointsOf(having, metric);
  const missing = runs.length - having.length;
  process.stdout.write(
    json ? `${JSON.stringify({ metric, points, missing }, null, 1)}\n` : drawn(metric, points, missing),
  );
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

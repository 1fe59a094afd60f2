import { pollerOf } from '../../pollers/manifest.js';
import { METRIC_UNITS } from '../results/metrics.js';
import type { Unit } from '../results/run-schema.js';

/**
 * What the gate compares, made from the samples of one launch.
 *
 * `exact`: counted, the same on every machine and in every launch: equal or better. `ratio`: of two figures of one round,
 * which share the machine's speed. `absolute`: times, that only mean something beside others of the same minute.
 */
export type MetricClass = 'exact' | 'ratio' | 'absolute';

/** One round's figure, and how slow the sentinel's passes beside it were, in ns; null where there was no sentinel. */
export interface Reading {
  readonly value: number;
  readonly passNs: number | null;
  /** Of a whole run: which of its launches; absent where a figure is one launch. */
  readonly launch?: number;
}

export interface Figure {
  readonly id: string;
  readonly kind: MetricClass;
  readonly experiment: string;
  readonly poller: string;
  readonly metric: string;
  readonly factors: Readonly<Record<string, string>>;
  readonly unit: Unit;
  readonly readings: Reading[];
  /** Whose samples it is made from, by id; absent where it comes from no run of bench. */
  readonly cells?: readonly string[];
  /** Of a ratio between pollers: the figure above the line. If that did not change, the other one did. */
  readonly numerator?: string;
}

/** By id. */
export type Figures = Map<string, Figure>;

/** The fields of a sample that the gate needs; any version's samples have them. */
export interface GateSample {
  readonly launch: number;
  readonly round: number;
  readonly cell: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly speed?: { readonly before: number; readonly after: number } | undefined;
}

const ABSOLUTE = [
  'cpuNsPerTurn',
  'cpuNsPerCycle',
  'cpuNsPerEvent',
  'cpuNsPerRegistration',
  'cpuNsPerConnectionLife',
  'cpuUsPerRequest',
  'senderUsPerRequest',
] as const;
const BYTES = ['userBytes', 'userCopyBytes', 'kernelPersistentBytes', 'kernelBlockedBytes'] as const;

/** Ratios that the gate makes itself, with what they are. */
export const DERIVED = {
  growth: 'the cost with the most fds over that with the fewest: the exponent in other words',
  overC: "JavaScript's turn over the same turn made by the C twin",
  overPoll: "a poller's turn over that of poll under the same conditions",
} as const;

export const SYSCALLS = 'syscallsPerRequest';

/** Every name that a metric may have. */
export const METRIC_NAMES: readonly string[] = [
  ...ABSOLUTE,
  ...BYTES,
  'fdsExamined',
  SYSCALLS,
  'bytesPerConnection',
  ...Object.keys(DERIVED),
];

/** What is so in nearly every cell is left out of a metric's name. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  wakesPerSecond: ['0'],
  temperature: ['hot'],
  life: ['standing'],
  churnPer100: ['0'],
  instance: ['kept'],
  socket: ['tcp'],
  fileTable: ['private', 'shared'],
  source: ['computed'],
};

interface Cell {
  readonly id: string;
  readonly experiment: string;
  readonly poller: string;
  readonly series: string;
  readonly factors: Readonly<Record<string, string>>;
}

function cellOf(id: string): Cell {
  const [experiment = '', poller = '', series = '', ...rest] = id.split('/');
  const factors = rest
    .join('/')
    .split(',')
    .filter((part) => part !== '')
    .map((part) => part.split('=') as [string, string]);
  return { id, experiment, poller, series, factors: Object.fromEntries(factors) };
}

export function metricId(
  experiment: string,
  poller: string,
  metric: string,
  factors: Readonly<Record<string, string>>,
): string {
  const shown = Object.entries(factors).filter(([name, value]) => !USUAL[name]?.includes(value));
  const list = shown.map(([name, value]) => `${name}=${value}`).join(',');
  return `${experiment}/${poller}/${metric}${list === '' ? '' : `(${list})`}`;
}

/** A cell of one launch: its samples by round. */
interface Column {
  readonly cell: Cell;
  readonly samples: Map<string, GateSample>;
}

/** Makes figures of the samples of one launch, or of a whole run. */
export function figuresOf(samples: readonly GateSample[]): Figures {
  const columns = new Map<string, Column>();
  for (const sample of samples) {
    const column = columns.get(sample.cell) ?? { cell: cellOf(sample.cell), samples: new Map() };
    column.samples.set(`${sample.launch}/${sample.round}`, sample);
    columns.set(sample.cell, column);
  }
  const figures: Figures = new Map();
  const add = (figure: Omit<Figure, 'id'>) => {
    const id = metricId(figure.experiment, figure.poller, figure.metric, figure.factors);
    if (figure.readings.length > 0) figures.set(id, { id, ...figure });
  };
  for (const column of columns.values()) {
    if (column.cell.series === 'pollcost') addOwn(column, add);
  }
  addGrowth(columns, add);
  addOverC(columns, add);
  addOverPoll(columns, add);
  return figures;
}

type Add = (figure: Omit<Figure, 'id'>) => void;

function addOwn({ cell, samples }: Column, add: Add): void {
  const { experiment, poller, factors } = cell;
  const readings = (metric: string): Reading[] =>
    [...samples.values()].flatMap((sample) => {
      const value = sample.metrics[metric];
      return value === undefined ? [] : [{ value, passNs: passNsOf([sample]), launch: sample.launch }];
    });
  const own = (metric: keyof typeof METRIC_UNITS, kind: MetricClass) =>
    add({
      experiment,
      poller,
      factors,
      metric,
      kind,
      unit: METRIC_UNITS[metric],
      readings: readings(metric),
      cells: [cell.id],
    });
  for (const metric of ABSOLUTE) own(metric, 'absolute');
  // A sleep may end early, and then is two turns.
  if (factors.timeout !== 'slept') own('fdsExamined', 'exact');
  if (factors.source === 'computed') for (const metric of BYTES) own(metric, 'exact');
}

const passNsOf = (samples: readonly GateSample[]): number | null => {
  const passes = samples.map(({ speed }) => (speed ? Math.max(speed.before, speed.after) : null));
  return passes.includes(null) ? null : Math.max(...(passes as number[]));
};

const RATIO_METRIC = 'cpuNsPerTurn';

/** The ratio of two columns, round by round. */
function ratioOf(over: Column, under: Column): Required<Pick<Figure, 'readings' | 'cells'>> {
  const readings = [...over.samples].flatMap(([key, sample]) => {
    const other = under.samples.get(key);
    const [above, below] = [sample.metrics[RATIO_METRIC], other?.metrics[RATIO_METRIC]];
    if (!other || !(above !== undefined && above > 0) || !(below !== undefined && below > 0)) return [];
    return [{ value: above / below, passNs: passNsOf([sample, other]), launch: sample.launch }];
  });
  return { readings, cells: [over.cell.id, under.cell.id] };
}

/** By everything but how many fds are watched: the column with the most over that with the fewest. */
function addGrowth(columns: ReadonlyMap<string, Column>, add: Add): void {
  const groups = new Map<string, Column[]>();
  for (const column of columns.values()) {
    const { experiment, poller, series, factors } = column.cell;
    if (series !== 'pollcost' || factors.watched === undefined || factors.source !== undefined) continue;
    const { watched: _, ...rest } = factors;
    const key = JSON.stringify([experiment, poller, rest]);
    groups.set(key, [...(groups.get(key) ?? []), column]);
  }
  const watched = ({ cell }: Column) => Number(cell.factors.watched);
  for (const group of groups.values()) {
    const sorted = group.toSorted((a, b) => watched(a) - watched(b));
    const [fewest, most] = [sorted[0] as Column, sorted[sorted.length - 1] as Column];
    if (watched(fewest) === watched(most)) continue;
    const { experiment, poller, factors } = most.cell;
    add({
      experiment,
      poller,
      metric: 'growth',
      factors: { ...factors, watched: `${watched(fewest)}..${watched(most)}` },
      kind: 'ratio',
      unit: 'ratio',
      ...ratioOf(most, fewest),
    });
  }
}

function addOverC(columns: ReadonlyMap<string, Column>, add: Add): void {
  for (const [id, column] of columns) {
    if (column.cell.series !== 'c-twin') continue;
    const ours = columns.get(id.replace('/c-twin/', '/pollcost/'));
    if (!ours) continue;
    const { experiment, poller, factors } = column.cell;
    add({
      ...{ experiment, poller, metric: 'overC', factors, kind: 'ratio', unit: 'ratio' },
      ...ratioOf(ours, column),
    });
  }
}

const YARDSTICK = pollerOf('poll');

function addOverPoll(columns: ReadonlyMap<string, Column>, add: Add): void {
  for (const [id, column] of columns) {
    const { experiment, poller, series, factors } = column.cell;
    if (series !== 'pollcost' || poller === YARDSTICK) continue;
    const poll = columns.get(id.replace(`/${poller}/`, `/${YARDSTICK}/`));
    if (!poll) continue;
    const numerator = metricId(experiment, poller, RATIO_METRIC, factors);
    add({
      experiment,
      poller,
      metric: 'overPoll',
      factors,
      kind: 'ratio',
      unit: 'ratio',
      ...ratioOf(column, poll),
      numerator,
    });
  }
}

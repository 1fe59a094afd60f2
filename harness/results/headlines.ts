import type { Cell, Factors, MeasuredCell, Run, Unit } from './run-schema.js';

/**
 * The few figures by which runs of many machines are held side by side: one of each kind, for each poller, at the smallest
 * and at the largest size that most of the runs have measured, under the same conditions but for the file table.
 */
export interface Headline {
  /** In words, with the size that it was taken at. */
  readonly title: string;
  readonly unit: Unit;
  /** One row for each run, in their order; null where that run has not measured it. */
  readonly rows: readonly Readonly<Record<string, Estimate | null>>[];
  /** Every poller of any run, in the order of the first that has it. */
  readonly pollers: readonly string[];
}

export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

interface Kind {
  readonly experiment: string;
  readonly metric: string;
  /** The factor that is its size. */
  readonly size: string;
  /** Those it was measured under. */
  readonly under: Factors;
  title(size: number, conditions: Factors): string;
}

/** 1 000, as a reader sees it in all that we write. */
const count = (size: number): string => String(size).replace(/\B(?=(\d{3})+$)/g, '\u202f');

const KINDS: readonly Kind[] = [
  {
    experiment: 'watched-fds',
    metric: 'cpuNsPerTurn',
    size: 'watched',
    under: { ready: 1, position: 'last', timeout: 'finite', temperature: 'hot', socket: 'tcp' },
    title: (size) => `CPU time of a turn, one of ${count(size)} watched ready, finite timeout`,
  },
  {
    experiment: 'ready-fds',
    metric: 'cpuNsPerTurn',
    size: 'ready',
    under: { position: 'even', timeout: 'zero', life: 'standing', socket: 'tcp' },
    title: (size, { watched }) => `CPU time of a turn, ${count(size)} of ${count(Number(watched))} ready`,
  },
  {
    experiment: 'server',
    metric: 'cpuUsPerRequest',
    size: 'idle',
    under: { load: 'closed', active: 1, app: 'http' },
    title: (size) => `CPU time of a request beside ${count(size)} idle connections`,
  },
  {
    experiment: 'idle',
    metric: 'cpuShare',
    size: 'idle',
    under: { app: 'http' },
    title: (size) => `CPU of a server with ${count(size)} idle connections`,
  },
  {
    experiment: 'memory',
    metric: 'kernelPersistentBytes',
    size: 'watched',
    under: { source: 'computed' },
    title: (size) => `Kernel memory kept for ${count(size)} watched`,
  },
];

/** @throws RangeError without runs */
export function headlinesOf(runs: readonly Pick<Run, 'cells'>[]): Headline[] {
  if (runs.length === 0) throw new RangeError('there are no runs');
  return KINDS.flatMap((kind) => {
    const cells = runs.map((run) => run.cells.flatMap((cell) => (isOf(kind, cell) ? [cell] : [])));
    const shared = sharedConditions(kind, cells);
    const [smallest, largest] = [shared[0], shared.at(-1)];
    if (smallest === undefined || largest === undefined) return [];
    const pollers = [...new Set(cells.flat().map(({ poller }) => poller))];
    const at = (conditions: Factors) => cells.map((each) => rowAt(kind, each, pollers, conditions));
    const sizeOf = (conditions: Factors) => Number(conditions[kind.size]);
    const ends = smallest === largest ? [largest] : [smallest, largest];
    const unit = cells.flat()[0]?.metrics[kind.metric]?.unit ?? 'ratio';
    const absolute = ends.map(
      (conditions): Headline => ({
        title: kind.title(sizeOf(conditions), conditions),
        unit,
        pollers,
        rows: at(conditions),
      }),
    );
    if (ends.length === 1 || kind.experiment !== 'watched-fds') return absolute;
    const growth: Headline = {
      title: `How often the turn with ${count(sizeOf(smallest))} watched goes into that with ${count(sizeOf(largest))}`,
      unit: 'ratio',
      pollers,
      rows: quotients(at(largest), at(smallest)),
    };
    return [growth, ...absolute];
  });
}

const isOf = ({ experiment, metric, under }: Kind, cell: Cell): cell is MeasuredCell =>
  cell.status === 'measured' &&
  cell.experiment === experiment &&
  cell.series === 'pollcost' &&
  cell.metrics[metric] !== undefined &&
  Object.entries(under).every(([name, value]) => cell.factors[name] === value);

/** What has to be the same; a run has one file table where it was not asked for two. */
const conditionsOf = ({ factors: { fileTable: _, ...conditions } }: MeasuredCell): Factors => conditions;

/** From the smallest size to the largest: what more than half of the runs have measured that have the experiment at all. */
function sharedConditions({ size }: Kind, runs: readonly (readonly MeasuredCell[])[]): Factors[] {
  const having = runs.filter((cells) => cells.length > 0);
  const counts = new Map<string, number>();
  for (const cells of having) {
    for (const key of new Set(cells.map((cell) => JSON.stringify(conditionsOf(cell)))))
      counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, runsWithIt]) => runsWithIt > having.length / 2)
    .map(([key]) => JSON.parse(key) as Factors)
    .sort((a, b) => Number(a[size]) - Number(b[size]));
}

function rowAt(
  { metric }: Kind,
  cells: readonly MeasuredCell[],
  pollers: readonly string[],
  conditions: Factors,
): Record<string, Estimate | null> {
  const key = JSON.stringify(conditions);
  const of = (poller: string) =>
    cells.find((cell) => cell.poller === poller && JSON.stringify(conditionsOf(cell)) === key)?.metrics[
      metric
    ] ?? null;
  return Object.fromEntries(pollers.map((poller) => [poller, of(poller)]));
}

const quotients = (
  over: Headline['rows'],
  under: Headline['rows'],
): Readonly<Record<string, Estimate | null>>[] =>
  over.map((row, index) =>
    Object.fromEntries(
      Object.entries(row).map(([poller, above]) => [
        poller,
        quotientOf(above, under[index]?.[poller] ?? null),
      ]),
    ),
  );

/** Of two independent medians: their intervals, as logarithms, add up by squares. */
export function quotientOf(over: Estimate | null, under: Estimate | null): Estimate | null {
  if (!over || !under || !(over.low > 0 && under.low > 0)) return null;
  const value = Math.log(over.value / under.value);
  const below = Math.hypot(Math.log(over.value / over.low), Math.log(under.high / under.value));
  const above = Math.hypot(Math.log(over.high / over.value), Math.log(under.value / under.low));
  return { value: Math.exp(value), low: Math.exp(value - below), high: Math.exp(value + above) };
}

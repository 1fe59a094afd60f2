import type { PollerName } from '../../pollers/manifest.js';
import type { ClaimDefinition } from '../claims/claim.js';
import { Evidence, type RoundSource } from '../claims/evidence.js';
import { judge } from '../claims/judge.js';
import { MOST_USEFUL_FDS } from '../collectors/remedies.js';
import type { ExperimentPlan } from '../experiments/experiment.js';
import type { ProbeFacts } from '../processes/turn-probe/protocol.js';
import { cellId } from '../results/cell-id.js';
import { METRIC_UNITS, type MetricName } from '../results/metrics.js';
import type { Factors, Figure, MeasuredCell, Run } from '../results/run-schema.js';
import type { Rounds } from '../statistics/rounds.js';
import type { Machine } from './machine.js';

/**
 * What a shortage costs is found by planning every experiment twice, on a machine that withholds nothing and on one that
 * is short of this one thing, and by asking the claims what they miss. Nothing is measured, and nothing about single
 * experiments or claims is written down here.
 */

/** What is left out of a run for want of something. */
export interface Loss {
  /** Experiments that lose cells. */
  readonly experiments: readonly string[];
  /** Claims that stay undecided for it. */
  readonly claims: readonly string[];
  /** Whether a whole experiment, a series or a claim is lost, rather than some cells. */
  readonly severe: boolean;
  /** All of it in one line; empty where nothing is lost. */
  readonly text: string;
}

type Registries = Pick<Machine, 'experiments' | 'claims'>;

export function lossOf(facts: ProbeFacts, shortage: Partial<ProbeFacts>, registries: Registries): Loss {
  const whole = wholeOf(facts, registries.experiments);
  const before = whole.rehearsed;
  const after = rehearse({ ...unrestricted(facts), ...shortage }, registries.experiments);
  const lost = new Map<string, string[]>();
  let severe = false;
  for (const [id, cells] of before) {
    const parts = partsLost(cells, after.get(id) ?? []);
    if (parts.length === 0) continue;
    const text = parts.map((part) => part.text).join(', ');
    lost.set(text, [...(lost.get(text) ?? []), id]);
    severe ||= parts.some((part) => part.severe);
  }
  const experiments = [...lost.values()].flat();
  const claims = undecidedClaims(registries.claims, experiments, whole, after);
  const texts = [...lost].map(([text, ids]) => `${ids.join(', ')}: ${text}`);
  if (claims.length > 0) texts.push(`claims undecided: ${claims.join(', ')}`);
  return { experiments, claims, severe: severe || claims.length > 0, text: texts.join('; ') };
}

/** What a machine that withholds nothing would measure, and how far each claim gets with it. */
class Whole {
  readonly rehearsed: Rehearsed;
  readonly #reached = new Map<ClaimDefinition, number>();
  #evidenceFor: EvidenceFor | null = null;

  constructor(facts: ProbeFacts, experiments: Registries['experiments']) {
    this.rehearsed = rehearse(unrestricted(facts), experiments);
  }

  reach(claim: ClaimDefinition): number {
    this.#evidenceFor ??= madeUpEvidence(this.rehearsed);
    const reached = this.#reached.get(claim) ?? reach(claim, this.#evidenceFor);
    this.#reached.set(claim, reached);
    return reached;
  }
}

const wholes = new WeakMap<ProbeFacts, Map<Registries['experiments'], Whole>>();

/** Made once: each check holds its own shortage against it. */
function wholeOf(facts: ProbeFacts, experiments: Registries['experiments']): Whole {
  const made = wholes.get(facts) ?? new Map<Registries['experiments'], Whole>();
  wholes.set(facts, made);
  const whole = made.get(experiments) ?? new Whole(facts, experiments);
  made.set(experiments, whole);
  return whole;
}

/** The same machine with all that a run can use. */
function unrestricted(facts: ProbeFacts): ProbeFacts {
  const { first, spare } = facts.numbers;
  const limit = MOST_USEFUL_FDS;
  return {
    ...facts,
    fdLimit: { soft: limit, hard: limit },
    numbers: { first, spare, last: limit - 1, mostPairs: (limit - 64) / 2 },
    fileTable: 'private',
    unshare: { ok: true },
    pinned: { ok: true, cpu: 1 },
    realtime: { ok: true },
    highestNice: { ok: true },
    shortSlices: { ok: true },
    loopback: { ok: true },
    webAssembly: { ok: true },
    twin: { ok: true, compiler: 'any' },
  };
}

type PlannedCell = Pick<MeasuredCell, 'experiment' | 'poller' | 'series' | 'factors'>;
type Rehearsed = ReadonlyMap<string, readonly PlannedCell[]>;

/** The cells that each experiment would measure, in the profile that has them all. */
function rehearse(probe: ProbeFacts, experiments: Registries['experiments']): Rehearsed {
  const context = {
    profile: 'thorough',
    pollers: Object.keys(probe.pollers) as PollerName[],
    connections: null,
    probe,
    cpus: probe.pinned.ok ? { subject: probe.pinned.cpu, load: 0 } : null,
  } as const;
  return new Map(experiments.map((experiment) => [experiment.id, cellsOf(experiment.plan(context))]));
}

const cellsOf = ({ id, visits }: ExperimentPlan): PlannedCell[] =>
  visits.flatMap(({ poller, factors, series }) =>
    series.flatMap(({ name, skip }) =>
      skip === undefined ? [{ experiment: id, poller, series: name, factors }] : [],
    ),
  );

interface Part {
  readonly text: string;
  readonly severe: boolean;
}

/** Counts shrink with the limits, which alone loses nothing: what is compared is how many cells there are of each kind. */
function partsLost(before: readonly PlannedCell[], after: readonly PlannedCell[]): Part[] {
  const left = countByKind(after);
  if ([...countByKind(before)].every(([kind, count]) => (left.get(kind) ?? 0) >= count)) return [];
  if (after.length === 0) return [{ text: 'skipped', severe: true }];
  const parts: Part[] = [];
  const series = gone(before, after, (cell) => cell.series);
  if (series.length > 0) parts.push({ text: `without series ${series.join(', ')}`, severe: true });
  for (const name of Object.keys(before[0]?.factors ?? {})) {
    const values = (cells: readonly PlannedCell[]) => cells.map(({ factors }) => factors[name]);
    const numbers = (cells: readonly PlannedCell[]) =>
      values(cells).filter((value) => typeof value === 'number');
    const names = gone(before, after, ({ factors }) => factors[name]).filter(
      (value) => typeof value === 'string',
    );
    if (names.length > 0) parts.push({ text: `without ${name} ${names.join(', ')}`, severe: false });
    const most = Math.max(...numbers(after));
    if (numbers(after).length > 0 && most < Math.max(...numbers(before)))
      parts.push({ text: `${name} only up to ${most}`, severe: false });
  }
  return parts.length > 0
    ? parts
    : [{ text: `${before.length - after.length} of ${before.length} cells left out`, severe: false }];
}

function countByKind(cells: readonly PlannedCell[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { poller, series, factors } of cells) {
    const names = Object.values(factors).filter((value) => typeof value === 'string');
    const kind = [poller, series, ...names].join('/');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function gone<T>(
  before: readonly PlannedCell[],
  after: readonly PlannedCell[],
  value: (cell: PlannedCell) => T,
): T[] {
  const left = new Set(after.map(value));
  return [...new Set(before.map(value))].filter((candidate) => !left.has(candidate));
}

/** How far a claim gets: it misses a cell or breaks, it finds all and cannot decide, it decides. */
const FAILS = 0;
const WAVERS = 1;
const DECIDES = 2;

function undecidedClaims(
  claims: readonly ClaimDefinition[],
  experiments: readonly string[],
  whole: Whole,
  after: Rehearsed,
): string[] {
  const touched = claims.filter(({ evidence }) => evidence.some((id) => experiments.includes(id)));
  if (touched.length === 0) return [];
  const short = madeUpEvidence(after);
  return touched.filter((claim) => reach(claim, short) < whole.reach(claim)).map(({ id }) => id);
}

function reach(claim: ClaimDefinition, evidenceFor: EvidenceFor): number {
  const judgement = judge(claim, evidenceFor(claim));
  if (judgement.verdict !== 'undecided') return DECIDES;
  // Who judged has effects to show; whom something was missing, or who broke, has none.
  return judgement.effects.length > 0 ? WAVERS : FAILS;
}

/** What only the C twin gives. */
const NET: readonly string[] = ['bindingNsPerTurn', 'netNsPerTurn'] satisfies MetricName[];
const ALL = Object.keys(METRIC_UNITS) as MetricName[];

/** What a claim has to go by: the cells of its own experiments, of which there are a few thousand in all. */
type EvidenceFor = (claim: ClaimDefinition) => Evidence;

/** Every planned cell with one figure for all its metrics. The verdicts mean nothing; that there is one does. */
function madeUpEvidence(rehearsed: Rehearsed): EvidenceFor {
  const idOf = ({ experiment, poller, series, factors }: PlannedCell, as = series) =>
    cellId(experiment, poller, as, factors as Factors);
  const planned = [...rehearsed.values()].flat().map((cell) => ({ ...cell, id: idOf(cell) }));
  const figures = new Map(planned.map((cell) => [cell.id, madeUpFigure(cell)]));
  const withTwin = madeUpMetrics(ALL);
  const without = madeUpMetrics(ALL.filter((name) => !NET.includes(name)));
  const cells = planned.map((cell): MeasuredCell => {
    const metrics = (figures.has(idOf(cell, 'c-twin')) ? withTwin : without)(figures.get(cell.id) as number);
    return { ...cell, status: 'measured', flags: [], metrics };
  });
  const run = {
    seed: 1,
    profile: 'thorough',
    warnings: [],
    environment: { memoryBytes: 2 ** 30, maxUserWatches: null },
    experiments: [...rehearsed.keys()].map((id) => ({
      id,
      status: 'completed',
      rounds: 1,
      launches: 1,
      seconds: 1,
    })),
    noise: { aaRatio: null, flaggedRounds: 0 },
  };
  const source: RoundSource = {
    rounds: (_metric, ids) => ids.map((id) => inRounds(figures.get(id) as number)),
    launches: (_metric, ids) => ids.map((id) => inRounds(figures.get(id) as number)),
    scatterOf: () => null,
  };
  return ({ evidence }) => {
    const own = cells.filter(({ experiment }) => evidence.includes(experiment));
    return new Evidence({ ...run, cells: own } as unknown as Run, source, { connections: null, pollers: [] });
  };
}

/** Cells with the same figure share theirs. */
function madeUpMetrics(names: readonly MetricName[]): (value: number) => MeasuredCell['metrics'] {
  const made = new Map<number, MeasuredCell['metrics']>();
  return (value) => {
    const metrics =
      made.get(value) ?? Object.fromEntries(names.map((name) => [name, figureOf(name, value)] as const));
    made.set(value, metrics);
    return metrics;
  };
}

/** As many as any rule asks for, all alike. */
const inRounds = (figure: number): Rounds =>
  Array.from({ length: 3 }, () => Array.from({ length: 5 }, () => figure));

/** Grows with every factor: where all cells cost the same, what rules divide by would be nothing. */
const madeUpFigure = ({ factors }: PlannedCell): number =>
  Object.values(factors).reduce<number>((sum, value) => sum + (typeof value === 'number' ? value : 0), 1);

const figureOf = (name: MetricName, value: number): Figure => ({
  value,
  low: value,
  high: value,
  unit: METRIC_UNITS[name],
  n: 15,
  launches: 3,
});

import { usualPollers } from '../../pollers/manifest.js';
import { overName } from '../results/effect-factors.js';
import { noiseFloor } from '../results/noise.js';
import type {
  Cell,
  Effect,
  Environment,
  Factors,
  Figure,
  MeasuredCell,
  Run,
  Series,
  Unit,
} from '../results/run-schema.js';
import type { Interval } from '../statistics/bootstrap.js';
import {
  intervalsOfLaunches,
  intervalsOfPooledMedians,
  launchDifference,
  launchRatio,
} from '../statistics/launch-intervals.js';
import { noiseFloorOf } from '../statistics/noise-floor.js';
import type { Rounds } from '../statistics/rounds.js';
import type { ScatterPrior } from '../statistics/scatter-prior.js';
import { namesOf } from './names-of-cells.js';
import { POLLERS_BESIDE } from './needs.js';
import { type NoisePair, noisePairsOf } from './noise-pairs.js';

/** What a claim needs was not measured; says what would have to be done for it. */
export class Missing extends Error {
  override readonly name = 'Missing';
}

export type CellQuery = { experiment: string; poller: string; series?: Series; factors: Factors };

/** The rounds behind the cells, as a claim asks for them; what two calls answer need not be of the same rounds. */
export interface RoundSource {
  /** Of one metric, or of one for each cell, over the rounds in which all of them were measured. */
  rounds(metric: string | readonly string[], cells: readonly string[]): Rounds[];
  /** Of one metric, over the launches in which all cells were measured, whichever rounds that was in. */
  launches(metric: string, cells: readonly string[]): Rounds[];
  /** What other cells say of how far launches of this one scatter, of logarithms; null: nothing. */
  scatterOf(metric: string, cell: string): ScatterPrior | null;
}

const LARGER: Readonly<Record<Run['profile'], string | null>> = {
  quick: '--profile standard',
  standard: '--profile thorough',
  thorough: null,
};

/** What of a run was chosen by its user. */
export interface Asked {
  readonly connections: readonly number[] | null;
  readonly pollers: readonly string[];
}

/** How sure intervals are, where nothing else is said: of a run that is looked at once. */
const LEVEL = 0.95;

/** Fewer launches than this are one life of a subject, whatever its rounds say. */
export const LEAST_LAUNCHES = 2;

/** The figures of a run as a claim sees them. Ratios are paired by launch and never finer than the noise floor. */
export class Evidence {
  readonly #run: Run;
  readonly #source: RoundSource;
  readonly #asked: Asked;
  readonly #noisePairs: readonly NoisePair[];
  readonly #level: number;
  readonly #oneLaunch = new Set<string>();
  readonly #behind = new Map<string, readonly string[]>();

  constructor(run: Run, source: RoundSource, asked: Asked, level = LEVEL, noisePairs?: readonly NoisePair[]) {
    this.#run = run;
    this.#source = source;
    this.#asked = asked;
    this.#level = level;
    this.#noisePairs =
      noisePairs ?? noisePairsOf(run.cells, (metric, cells) => source.launches(metric, cells));
  }

  /** The same run for another claim. */
  afresh(): Evidence {
    return new Evidence(this.#run, this.#source, this.#asked, this.#level, this.#noisePairs);
  }

  /** The same run with intervals so wide that this many hold all at once as surely as one does here (Bonferroni). */
  jointly(intervals: number): Evidence {
    const level = 1 - (1 - this.#level) / intervals;
    return new Evidence(this.#run, this.#source, this.#asked, level, this.#noisePairs);
  }

  /** Experiments of which what was sampled and asked for so far comes from a single launch. */
  get oneLaunch(): readonly string[] {
    return [...this.#oneLaunch];
  }

  /** The cells that an effect was computed from; none where that is not known. */
  cellsBehind(effect: string): readonly string[] {
    return this.#behind.get(effect) ?? [];
  }

  /** What gives a rule more rounds, after this run. */
  get forMoreRounds(): string {
    const larger = LARGER[this.#run.profile];
    return larger === null ? 'repeat it on a machine with fewer neighbours' : `try ${larger}`;
  }

  /**
   * How much two identical pollers differed in this metric of this experiment, as a factor of at least 1: the root mean square
   * over its pairs. Where none was compared it is that of the whole run.
   */
  noiseFactorOf(experiment: string, metric = 'cpuNsPerTurn'): number {
    const pairs = this.#noisePairs.filter((pair) => pair.experiment === experiment && pair.metric === metric);
    if (pairs.length === 0) return 1 + (noiseFloor(this.#run) ?? 0);
    return noiseFloorOf(pairs.map(({ logRatio }) => logRatio)).value;
  }

  /** All measured cells of an experiment, a poller and a series whose factors include the given ones. */
  cells({ experiment, poller, series = 'pollcost', factors }: CellQuery): MeasuredCell[] {
    return this.#matching({ experiment, poller, series, factors }).filter(
      (cell): cell is MeasuredCell => cell.status === 'measured',
    );
  }

  /** The one cell that matches. @throws Missing with what would have to be done to have it */
  cell(query: CellQuery): MeasuredCell {
    const [cell] = this.grid([query]);
    return cell as MeasuredCell;
  }

  /** The cells that a rule names, one for each. @throws Missing that names all that are not there, and what helps */
  grid(queries: readonly CellQuery[]): MeasuredCell[] {
    const found = queries.map((query) => this.cells(query)[0]);
    const missing = queries.filter((_, index) => found[index] === undefined);
    if (missing.length === 0) return found as MeasuredCell[];
    const byCure = new Map<string, CellQuery[]>();
    for (const query of missing) {
      const cure = this.#cureOf(query);
      byCure.set(cure, [...(byCure.get(cure) ?? []), query]);
    }
    throw new Missing([...byCure].map(([cure, of]) => `${namesOf(of, queries)}: ${cure}`).join('; '));
  }

  /** Why a cell is not there, or what would have it measured. */
  #cureOf(query: CellQuery): string {
    const [other] = this.#matching(query);
    const { experiment, poller } = query;
    const ran = this.#run.experiments.find(({ id }) => id === experiment);
    const ofAll = ran && ran.status !== 'completed' ? ran.reason : null;
    if (other && other.status !== 'measured' && other.reason !== ofAll) return other.reason;
    if (!ran) return `experiment ${experiment} did not run; name it in --experiments`;
    if (ran.status !== 'completed') return `experiment ${experiment} is ${ran.status}: ${ran.reason}`;
    if (!this.#asked.pollers.includes(poller)) return this.#cureOfPoller(poller);
    const room = this.#run.warnings.some(({ code }) => code === 'fd-limit');
    const larger = LARGER[this.#run.profile];
    const ways = [
      ...(this.#asked.connections === null ? [] : ['leave out --connections']),
      ...(room ? ['raise the limit of fds (ulimit -n)'] : []),
      ...(larger === null ? [] : [`take ${larger}`]),
    ];
    const [first = 'no profile measures it here', second] = ways;
    return this.#run.profile === 'quick' && second !== undefined ? `${first} and ${second}` : first;
  }

  /** What has a poller measured that was not asked for. */
  #cureOfPoller(poller: string): string {
    const toName = 'leave out --pollers, or name it there';
    if (!POLLERS_BESIDE.includes(poller)) return toName;
    // It is measured beside the usual ones, where there is time and where it runs.
    const isUsual = usualPollers.every((name) => this.#asked.pollers.includes(name));
    if (this.#run.profile === 'quick')
      return isUsual ? 'take --profile standard' : 'leave out --pollers and take --profile standard';
    return isUsual ? `name it in --pollers, which says why ${poller} does not run here` : toName;
  }

  /** A metric of a cell as an effect. @throws Missing where the cell has no such metric */
  figure(name: string, cell: MeasuredCell, metric: string, decides: boolean): Effect {
    const figure = cell.metrics[metric];
    if (!figure) throw new Missing(`${metric} of ${cell.id}`);
    const { value, low, high, unit, n } = figure;
    if (decides) this.#count(cell, figure.launches);
    return { name, value, low, high, unit, n, decides, factors: conditionsOf(cell) };
  }

  /**
   * What a cell shows of a metric, for a rule to decide by. Launches are the unit, and of this cell alone: others of its kind may lie
   * orders of magnitude away, and tell nothing of how far it scatters. @throws Missing where the cell has no such metric
   */
  cost(name: string, cell: MeasuredCell, metric: string): Effect {
    const [rounds = []] = this.#source.launches(metric, [cell.id]);
    const unit = cell.metrics[metric]?.unit;
    if (unit === undefined || rounds.length === 0) throw new Missing(`${metric} of ${cell.id}`);
    this.#behind.set(name, [cell.id]);
    this.#count(cell, rounds.length);
    const identity = ([cost = Number.NaN]: Float64Array) => ({ cost });
    const { value, low, high, n } = intervalsOfLaunches([rounds], identity, { level: this.#level }).cost;
    return { name, value, low, high, unit, n, decides: true, factors: conditionsOf(cell) };
  }

  /**
   * The ratio of a metric between two cells that were measured in the same launches, its interval widened by the noise
   * floor: what two identical pollers may show is no difference.
   */
  ratio(
    name: string,
    over: MeasuredCell,
    under: MeasuredCell,
    decides: boolean,
    metric = 'cpuNsPerTurn',
  ): Effect {
    const [numerator = [], denominator = []] = this.#source.launches(metric, [over.id, under.id]);
    if (numerator.length === 0)
      throw new Missing(`launches in which both ${over.id} and ${under.id} have ${metric}`);
    if (!isResolved(numerator) || !isResolved(denominator))
      throw new Missing(`${metric} of ${over.id} or ${under.id} is not resolved: a round shows 0`);
    this.#behind.set(name, [over.id, under.id]);
    const { value, low, high, n } = launchRatio(numerator, denominator, this.#options(metric, [over, under]));
    const noise = Math.max(
      this.noiseFactorOf(over.experiment, metric),
      this.noiseFactorOf(under.experiment, metric),
    );
    if (decides) this.#count(over, numerator.length);
    const factors = comparedConditions(over, under);
    return { name, value, low: low / noise, high: high * noise, unit: 'ratio', n, decides, factors };
  }

  /**
   * The difference of a metric between two cells of the same launches, in the metric's unit, its interval widened by what
   * the noise floor makes of the larger one.
   */
  difference(
    name: string,
    minuend: MeasuredCell,
    subtrahend: MeasuredCell,
    decides: boolean,
    metric = 'cpuNsPerTurn',
  ): Effect {
    const [from = [], taken = []] = this.#source.launches(metric, [minuend.id, subtrahend.id]);
    if (from.length === 0)
      throw new Missing(`launches in which both ${minuend.id} and ${subtrahend.id} have ${metric}`);
    this.#behind.set(name, [minuend.id, subtrahend.id]);
    const { value, low, high, n } = launchDifference(
      from,
      taken,
      this.#options(metric, [minuend, subtrahend]),
    );
    const [a, b] = [minuend.metrics[metric] as Figure, subtrahend.metrics[metric] as Figure];
    const noise = Math.max(a.value, b.value) * (this.noiseFactorOf(minuend.experiment, metric) - 1);
    if (decides) this.#count(minuend, from.length);
    const factors = comparedConditions(minuend, subtrahend);
    return { name, value, low: low - noise, high: high + noise, unit: a.unit, n, decides, factors };
  }

  /** Intervals of what is computed from the costs of several cells of the same launches, for this effect. */
  costs<Name extends string>(
    effect: string,
    metric: string,
    cells: readonly MeasuredCell[],
    statistic: (costs: Float64Array) => Readonly<Record<Name, number>>,
  ): Record<Name, Interval> {
    const launches = this.#source.launches(
      metric,
      cells.map(({ id }) => id),
    );
    for (const [index, cell] of cells.entries()) this.#count(cell, launches[index]?.length ?? 0);
    if (launches.some((rounds) => rounds.length === 0))
      throw new Missing(`launches in which ${cells.map(({ id }) => id).join(' and ')} all have ${metric}`);
    this.#isFrom(effect, cells);
    return intervalsOfLaunches(launches, statistic, this.#options(metric, cells));
  }

  /** A statistic of the medians of these figures of the cells, each over all of its launches, which are the unit. */
  medians<Name extends string>(
    effect: string,
    metric: string,
    cells: readonly MeasuredCell[],
    launches: readonly Rounds[],
    statistic: (medians: Float64Array) => Readonly<Record<Name, number>>,
  ): Record<Name, Interval> {
    this.#isFrom(effect, cells);
    return intervalsOfPooledMedians(launches, statistic, this.#options(metric, cells));
  }

  #isFrom(effect: string, cells: readonly MeasuredCell[]): void {
    this.#behind.set(
      effect,
      cells.map(({ id }) => id),
    );
  }

  #options(metric: string, cells: readonly MeasuredCell[]) {
    return { level: this.#level, priors: cells.map(({ id }) => this.#source.scatterOf(metric, id)) };
  }

  rounds(metric: string | readonly string[], cells: readonly MeasuredCell[]): Rounds[] {
    const rounds = this.#source.rounds(
      metric,
      cells.map(({ id }) => id),
    );
    for (const [index, cell] of cells.entries()) this.#count(cell, rounds[index]?.length ?? 0);
    return rounds;
  }

  /** What is computed comes out the same in every launch. */
  #count({ experiment, factors }: MeasuredCell, launches: number): void {
    if (launches < LEAST_LAUNCHES && factors.source !== 'computed') this.#oneLaunch.add(experiment);
  }

  get environment(): Environment {
    return this.#run.environment;
  }

  get seed(): number {
    return this.#run.seed;
  }

  #matching({ experiment, poller, series = 'pollcost', factors }: CellQuery): Cell[] {
    return this.#run.cells.filter(
      (cell) =>
        cell.experiment === experiment &&
        cell.poller === poller &&
        cell.series === series &&
        Object.entries(factors).every(([name, value]) => cell.factors[name] === value),
    );
  }
}

/** Whether there is something to make a ratio of: a coarse clock may not see a short turn. */
const isResolved = (figures: Rounds): boolean => figures.flat().every((figure) => figure > 0);

/** What a figure of one cell was measured under. */
export const conditionsOf = ({ experiment, poller, series, factors }: MeasuredCell): Factors => ({
  experiment,
  poller,
  series,
  ...factors,
});

/** The conditions of two cells; where they differ, the second one's stand beside, as `overPoller`, `overWatched`. */
export function comparedConditions(first: MeasuredCell, second: MeasuredCell): Factors {
  const others = conditionsOf(second);
  const different = Object.entries(conditionsOf(first)).filter(([name, value]) => others[name] !== value);
  return {
    ...conditionsOf(first),
    ...Object.fromEntries(
      different.flatMap(([name]) => {
        const other = others[name];
        return other === undefined ? [] : [[overName(name), other]];
      }),
    ),
  };
}

/** A figure that was counted, not sampled. */
export const exact = (
  name: string,
  value: number,
  unit: Unit,
  decides: boolean,
  factors: Factors = {},
): Effect => ({ name, value, low: value, high: value, unit, n: 1, decides, factors });

/** What a claim shows beside its deciding effects, where it was measured: one element, or none. */
export function optional<T>(make: () => T): T[] {
  try {
    return [make()];
  } catch (error) {
    if (error instanceof Missing) return [];
    throw error;
  }
}

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
import { differenceInterval, ratioInterval } from '../statistics/bootstrap.js';
import { seedFrom } from '../statistics/random.js';
import type { Rounds } from '../statistics/rounds.js';

/** What a claim needs was not measured; says what would have to be done for it. */
export class Missing extends Error {
  override readonly name = 'Missing';
}

export type CellQuery = { experiment: string; poller: string; series?: Series; factors: Factors };

/** The rounds behind the cells, as a claim asks for them. */
export interface RoundSource {
  rounds(metric: string, cells: readonly string[]): Rounds[];
}

/** The figures of a run as claims see them. Ratios are paired by round and never finer than the noise floor. */
export class Evidence {
  readonly #run: Run;
  readonly #source: RoundSource;
  readonly #noiseFactors = new Map<string, number>();

  constructor(run: Run, source: RoundSource) {
    this.#run = run;
    this.#source = source;
  }

  /**
   * How much two identical pollers differed in this experiment, as a factor of at least 1: the pair that differed most. An
   * experiment that compares none has the floor of the whole run.
   */
  noiseFactorOf(experiment: string): number {
    const known = this.#noiseFactors.get(experiment);
    if (known !== undefined) return known;
    const pairs = this.#run.cells.filter(
      (cell): cell is MeasuredCell =>
        cell.experiment === experiment && cell.series === 'pollcost-again' && cell.status === 'measured',
    );
    const deviations = pairs.flatMap((again) => this.#deviation(again));
    const factor =
      deviations.length > 0 ? Math.exp(Math.max(...deviations)) : 1 + (noiseFloor(this.#run) ?? 0);
    this.#noiseFactors.set(experiment, factor);
    return factor;
  }

  /** All measured cells of an experiment, a poller and a series whose factors include the given ones. */
  cells({ experiment, poller, series = 'pollcost', factors }: CellQuery): MeasuredCell[] {
    return this.#matching({ experiment, poller, series, factors }).filter(
      (cell): cell is MeasuredCell => cell.status === 'measured',
    );
  }

  /** The one cell that matches. @throws Missing with what would have to be done to have it */
  cell(query: CellQuery): MeasuredCell {
    const [measured] = this.cells(query);
    if (measured) return measured;
    const conditions = Object.entries(query.factors).map(([name, value]) => `${name}=${value}`);
    const what = `${query.experiment} of ${query.poller} at ${conditions.join(', ')}`;
    const [other] = this.#matching(query);
    if (other && other.status !== 'measured') throw new Missing(`${what}: ${other.reason}`);
    const ran = this.#run.experiments.find(({ id }) => id === query.experiment);
    if (!ran) throw new Missing(`experiment ${query.experiment} did not run; name it in --experiments`);
    if (ran.status !== 'completed')
      throw new Missing(`experiment ${query.experiment} is ${ran.status}: ${ran.reason}`);
    throw new Missing(
      `${what} was not measured: --pollers or --connections left it out, or the limit of fds did`,
    );
  }

  /** A metric of a cell as an effect. @throws Missing where the cell has no such metric */
  figure(name: string, cell: MeasuredCell, metric: string, decides: boolean): Effect {
    const figure = cell.metrics[metric];
    if (!figure) throw new Missing(`${metric} of ${cell.id}`);
    const { value, low, high, unit, n } = figure;
    return { name, value, low, high, unit, n, decides };
  }

  /**
   * The paired ratio of a metric between two cells that were measured in the same rounds, its interval widened by the
   * noise floor: what two identical pollers may show is no difference.
   */
  ratio(
    name: string,
    over: MeasuredCell,
    under: MeasuredCell,
    decides: boolean,
    metric = 'cpuNsPerTurn',
  ): Effect {
    const [numerator = [], denominator = []] = this.#source.rounds(metric, [over.id, under.id]);
    if (numerator.length === 0)
      throw new Missing(`rounds in which both ${over.id} and ${under.id} have ${metric}`);
    if (!isResolved(numerator) || !isResolved(denominator))
      throw new Missing(`${metric} of ${over.id} or ${under.id} is not resolved: a round shows 0`);
    const seed = seedFrom(this.#run.seed, name, over.id, under.id);
    const { value, low, high, n } = ratioInterval(numerator, denominator, { seed });
    const noise = Math.max(this.noiseFactorOf(over.experiment), this.noiseFactorOf(under.experiment));
    return { name, value, low: low / noise, high: high * noise, unit: 'ratio', n, decides };
  }

  /**
   * The paired difference of a metric between two cells of the same rounds, in the metric's unit, its interval widened by
   * what the noise floor makes of the larger one.
   */
  difference(
    name: string,
    minuend: MeasuredCell,
    subtrahend: MeasuredCell,
    decides: boolean,
    metric = 'cpuNsPerTurn',
  ): Effect {
    const [from = [], taken = []] = this.#source.rounds(metric, [minuend.id, subtrahend.id]);
    if (from.length === 0)
      throw new Missing(`rounds in which both ${minuend.id} and ${subtrahend.id} have ${metric}`);
    const seed = seedFrom(this.#run.seed, name, minuend.id, subtrahend.id);
    const { value, low, high, n } = differenceInterval(from, taken, { seed });
    const [a, b] = [minuend.metrics[metric] as Figure, subtrahend.metrics[metric] as Figure];
    const noise = Math.max(a.value, b.value) * (this.noiseFactorOf(minuend.experiment) - 1);
    return { name, value, low: low - noise, high: high + noise, unit: a.unit, n, decides };
  }

  rounds(metric: string, cells: readonly MeasuredCell[]): Rounds[] {
    return this.#source.rounds(
      metric,
      cells.map(({ id }) => id),
    );
  }

  get environment(): Environment {
    return this.#run.environment;
  }

  get seed(): number {
    return this.#run.seed;
  }

  /** How far the median ratio of a cell and its identical twin is from 1, on a log scale; nothing where no round has both. */
  #deviation({ id, experiment, poller, factors, metrics }: MeasuredCell): number[] {
    const [first] = this.cells({ experiment, poller, factors });
    const metric = metrics.cpuNsPerCycle ? 'cpuNsPerCycle' : 'cpuNsPerTurn';
    const [of = [], again = []] = first ? this.#source.rounds(metric, [first.id, id]) : [];
    if (of.length === 0 || !isResolved(of) || !isResolved(again)) return [];
    return [Math.abs(Math.log(ratioInterval(again, of, { seed: this.#run.seed }).value))];
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

/** A figure that was counted, not sampled. */
export const exact = (name: string, value: number, unit: Unit, decides: boolean): Effect => ({
  name,
  value,
  low: value,
  high: value,
  unit,
  n: 1,
  decides,
});

/** What a claim shows beside its deciding effects, where it was measured: one element, or none. */
export function optional<T>(make: () => T): T[] {
  try {
    return [make()];
  } catch (error) {
    if (error instanceof Missing) return [];
    throw error;
  }
}

import { WHATEVER_THE_SPEED } from '../results/metrics.js';
import type { Round, Sample, SampleLine } from '../results/samples-schema.js';
import { areAtFullSpeed, type FullSpeed, fullSpeedOf, readingsOf } from '../statistics/full-speed.js';
import { median, quantile } from '../statistics/median.js';
import type { Rounds } from '../statistics/rounds.js';
import type { ScatterPrior } from '../statistics/scatter-prior.js';
import { type CellOfLaunches, priorsByKind } from './scatter-by-kind.js';

/** What counts of a round's samples of one cell, in the order in which they were made. */
type Choice = (samples: readonly Sample[]) => Sample | undefined;

interface FigureOfRound {
  readonly launch: number;
  readonly figure: number;
}

const firstMade: Choice = ([sample]) => sample;

/** An error is one, also in a window that was made again. */
const withMostErrors: Choice = (samples) =>
  samples.toSorted((a, b) => (b.metrics.errors ?? 0) - (a.metrics.errors ?? 0))[0];

/**
 * The samples of a run by cell, launch and round. Only those of finished rounds count. A round has several of a cell
 * whose batch was made again.
 */
export class SampleStore {
  readonly #samples = new Map<string, Map<string, Sample[]>>();
  readonly #rounds = new Map<string, Round>();
  readonly #readings: number[] = [];
  /** Of each round, in the order in which they were made. */
  readonly #inOrder = new Map<string, Sample[]>();
  #pending: Sample[] = [];
  #fullSpeed: FullSpeed | null | undefined;
  #atFullSpeed: ReadonlySet<Sample> | undefined;
  readonly #priors = new Map<string, ReadonlyMap<string, ScatterPrior>>();

  add(lines: readonly SampleLine[]): void {
    for (const line of lines) {
      if (line.kind === 'sample') this.#pending.push(line);
      if (line.kind === 'round') this.#finish(line);
    }
  }

  /** The round's closing line is what makes its samples valid: a kill may have left some without it. */
  #finish(round: Round): void {
    const key = keyOf(round);
    this.#rounds.set(key, round);
    const finished = this.#pending.filter((sample) => keyOf(sample) === key);
    this.#inOrder.set(key, finished);
    for (const sample of finished) {
      const ofCell = this.#samples.get(sample.cell) ?? new Map<string, Sample[]>();
      this.#samples.set(sample.cell, ofCell);
      ofCell.set(key, [...(ofCell.get(key) ?? []), sample]);
      if (sample.speed) this.#readings.push(...readingsOf(sample.speed));
    }
    this.#pending = [];
    this.#fullSpeed = undefined;
    this.#atFullSpeed = undefined;
    this.#priors.clear();
  }

  hasRound(experiment: string, launch: number, round: number): boolean {
    return this.#rounds.has(keyOf({ experiment, launch, round }));
  }

  roundsOf(experiment: string): Round[] {
    return [...this.#rounds.values()].filter((round) => round.experiment === experiment);
  }

  get flaggedRounds(): number {
    return [...this.#rounds.values()].filter(({ flags }) => flags.length > 0).length;
  }

  /** What happened to any round in which this cell was measured. */
  flagsOf(cell: string): string[] {
    const keys = [...(this.#samples.get(cell)?.keys() ?? [])];
    return [...new Set(keys.flatMap((key) => this.#rounds.get(key)?.flags ?? []))].sort();
  }

  metricsOf(cell: string): string[] {
    // Not every round has them all: memory, for one, is measured while connections are made.
    return [...new Set(this.#samplesOf(cell).flatMap(({ metrics }) => Object.keys(metrics)))];
  }

  /** What this run's readings so far say is this machine's full speed; null where there are too few. */
  get fullSpeed(): FullSpeed | null {
    this.#fullSpeed ??= fullSpeedOf(this.#readings);
    return this.#fullSpeed;
  }

  /** How many of the samples of these cells, or of all, were at full speed; null where no speed was read beside them. */
  shareAtFullSpeed(cells: readonly string[] = [...this.#samples.keys()]): number | null {
    const chosen = this.#chosen();
    const read = cells.flatMap((cell) => this.#samplesOf(cell)).filter(({ speed }) => speed !== undefined);
    if (chosen === null || read.length === 0) return null;
    return read.filter((sample) => chosen.has(sample)).length / read.length;
  }

  /** How many times slower the core was beside the other samples, in the middle; null where all were at full speed. */
  get slowdown(): number | null {
    const full = this.fullSpeed;
    const chosen = this.#chosen();
    if (full === null || chosen === null) return null;
    const slow = [...this.#samples.keys()]
      .flatMap((cell) => this.#samplesOf(cell))
      .flatMap((sample) =>
        sample.speed && !chosen.has(sample) ? [Math.max(...readingsOf(sample.speed))] : [],
      );
    return slow.length === 0 ? null : quantile(slow, 0.5) / full.ns;
  }

  /**
   * Figures of several cells over the launches and rounds in which all of them were measured at full speed: of one metric, or
   * of one for each cell. Where that was seen in too few rounds to say how far they scatter, over all rounds, with what was
   * at full speed where there is some. What two calls answer need not be of the same rounds.
   */
  rounds(metric: string | readonly string[], cells: readonly string[]): Rounds[] {
    const full = this.#chosen();
    const names = typeof metric === 'string' ? [metric] : metric;
    if (full === null || names.every((name) => WHATEVER_THE_SPEED.has(name)))
      return this.roundsAtAnySpeed(metric, cells);
    const atFullSpeed: Choice = (samples) => samples.find((sample) => full.has(sample));
    const chosen = this.#pairedRounds(metric, cells, atFullSpeed);
    const all = this.#pairedRounds(metric, cells, (samples) => atFullSpeed(samples) ?? firstMade(samples));
    return showsScatter(chosen[0] ?? [], all[0] ?? []) ? chosen : all;
  }

  /**
   * Figures of several cells over the launches in which all of them were measured at full speed, whichever rounds that was in:
   * all that were made of each there. Where fewer than two launches saw them all, over all launches, with every figure of a
   * cell that was never at full speed there.
   */
  launches(metric: string, cells: readonly string[]): Rounds[] {
    const full = this.#chosen();
    const all = cells.map((cell) => this.#byLaunch(metric, cell, null));
    const shared = (of: readonly ReadonlyMap<number, number[]>[]) =>
      [...(of[0]?.keys() ?? [])].filter((launch) => of.every((figures) => figures.has(launch)));
    const atFullSpeed = full === null ? all : cells.map((cell) => this.#byLaunch(metric, cell, full));
    const seen = shared(atFullSpeed);
    const enough = seen.length >= Math.min(LEAST_LAUNCHES, shared(all).length);
    const launches = (enough ? seen : shared(all)).sort((a, b) => a - b);
    return cells.map((_, at) =>
      launches.map((launch) => atFullSpeed[at]?.get(launch) ?? all[at]?.get(launch) ?? []),
    );
  }

  /**
   * What the cells of its experiment that are of its kind know together of how far launches of this one scatter, of logarithms;
   * null where too few do.
   */
  scatterOf(metric: string, cell: string): ScatterPrior | null {
    const [experiment = ''] = cell.split('/', 1);
    const key = `${experiment} ${metric}`;
    const priors = this.#priors.get(key) ?? this.#priorsOf(experiment, metric);
    this.#priors.set(key, priors);
    return priors.get(cell) ?? null;
  }

  #priorsOf(experiment: string, metric: string): ReadonlyMap<string, ScatterPrior> {
    const full = this.#chosen();
    const launches = [...new Set(this.roundsOf(experiment).map(({ launch }) => launch))];
    const cells = [...this.#samples.keys()].filter((cell) => cell.startsWith(`${experiment}/`));
    const figures = cells.flatMap((cell): [string, CellOfLaunches][] => {
      const byLaunch = this.#samplesByLaunch(metric, cell, full);
      const figureOf = ({ metrics }: Sample) => metrics[metric] as number;
      const all = [...byLaunch.values()].flat();
      if (all.length === 0 || all.some((sample) => !(figureOf(sample) > 0))) return [];
      const made = launches.map((launch) => byLaunch.get(launch));
      const ofCell = {
        figures: made.map((samples) => (samples ? Math.log(median(samples.map(figureOf))) : null)),
        windows: made.map((samples) => windowOf(samples?.[0])),
      };
      return [[cell, ofCell]];
    });
    return priorsByKind(new Map(figures));
  }

  /** The samples at full speed; null where nothing is known of it. */
  #chosen(): ReadonlySet<Sample> | null {
    const full = this.fullSpeed;
    if (full === null) return null;
    this.#atFullSpeed ??= new Set(
      [...this.#inOrder.values()].flatMap((samples) => {
        const are = areAtFullSpeed(
          samples.map(({ speed }) => speed),
          full,
        );
        return samples.filter((_, at) => are[at]);
      }),
    );
    return this.#atFullSpeed;
  }

  #byLaunch(metric: string, cell: string, chosen: ReadonlySet<Sample> | null): Map<number, number[]> {
    const launches = [...this.#samplesByLaunch(metric, cell, chosen)];
    return new Map(
      launches.map(([launch, samples]) => [launch, samples.map(({ metrics }) => metrics[metric] as number)]),
    );
  }

  /** Those that have this metric. */
  #samplesByLaunch(metric: string, cell: string, chosen: ReadonlySet<Sample> | null): Map<number, Sample[]> {
    const launches = new Map<number, Sample[]>();
    for (const sample of this.#samplesOf(cell)) {
      if (sample.metrics[metric] === undefined || (chosen && !chosen.has(sample))) continue;
      launches.set(sample.launch, [...(launches.get(sample.launch) ?? []), sample]);
    }
    return launches;
  }

  /** The same whatever the speed was, with what was made first in each round. */
  roundsAtAnySpeed(metric: string | readonly string[], cells: readonly string[]): Rounds[] {
    return this.#pairedRounds(metric, cells, firstMade);
  }

  /** Every sample of one cell, those made again too. */
  everySample(metric: string, cell: string): Rounds {
    return [...this.#byLaunch(metric, cell, null).values()];
  }

  #samplesOf(cell: string): Sample[] {
    return [...(this.#samples.get(cell)?.values() ?? [])].flat();
  }

  #pairedRounds(metric: string | readonly string[], cells: readonly string[], choose: Choice): Rounds[] {
    const byKey = cells.map((cell, at) =>
      this.#figuresOf(typeof metric === 'string' ? metric : (metric[at] as string), cell, choose),
    );
    const [first = new Map<string, FigureOfRound>(), ...others] = byKey;
    const launches = new Map<number, string[]>();
    for (const [key, { launch }] of first) {
      if (!others.every((figures) => figures.has(key))) continue;
      launches.set(launch, [...(launches.get(launch) ?? []), key]);
    }
    return byKey.map((figures) =>
      [...launches.values()].map((keys) => keys.map((key) => (figures.get(key) as FigureOfRound).figure)),
    );
  }

  #figuresOf(metric: string, cell: string, choose: Choice): Map<string, FigureOfRound> {
    const chosen = new Map<string, FigureOfRound>();
    for (const [key, samples] of this.#samples.get(cell) ?? []) {
      const having = samples.filter(({ metrics }) => metrics[metric] !== undefined);
      const sample = metric === 'errors' ? withMostErrors(having) : choose(having);
      if (sample) chosen.set(key, { launch: sample.launch, figure: sample.metrics[metric] as number });
    }
    return chosen;
  }
}

const LEAST_ROUNDS = 2;
const LEAST_LAUNCHES = 2;

/** One round, or one launch where there are more, knows nothing of the others. */
function showsScatter(chosen: Rounds, all: Rounds): boolean {
  const count = (rounds: Rounds) => rounds.reduce((sum, { length }) => sum + length, 0);
  return (
    chosen.length >= Math.min(LEAST_LAUNCHES, all.length) &&
    count(chosen) >= Math.min(LEAST_ROUNDS, count(all))
  );
}

/** The window that a sample is of, by name: those that share one have the same readings of its speed. Null: it is of a batch. */
function windowOf(sample: Sample | undefined): string | null {
  if (!sample?.speed?.during) return null;
  return `${keyOf(sample)} ${readingsOf(sample.speed).join(' ')}`;
}

const keyOf = ({ experiment, launch, round }: Pick<Round, 'experiment' | 'launch' | 'round'>): string =>
  `${experiment}/${launch}/${round}`;

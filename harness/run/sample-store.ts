import type { Round, Sample, SampleLine } from '../results/samples-schema.js';
import { type FullSpeed, fullSpeedOf, isAtFullSpeed, readingsOf } from '../statistics/full-speed.js';
import { quantile } from '../statistics/median.js';
import type { Rounds } from '../statistics/rounds.js';

/** What counts of a round's samples of one cell, in the order in which they were made. */
type Choice = (samples: readonly Sample[]) => Sample | undefined;

interface FigureOfRound {
  readonly launch: number;
  readonly figure: number;
}

const firstMade: Choice = ([sample]) => sample;

/**
 * The samples of a run by cell, launch and round. Only those of finished rounds count. A round has several of a cell
 * whose batch was made again.
 */
export class SampleStore {
  readonly #samples = new Map<string, Map<string, Sample[]>>();
  readonly #rounds = new Map<string, Round>();
  readonly #readings: number[] = [];
  #pending: Sample[] = [];
  #fullSpeed: FullSpeed | null | undefined;

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
    for (const sample of this.#pending) {
      if (keyOf(sample) !== key) continue;
      const ofCell = this.#samples.get(sample.cell) ?? new Map<string, Sample[]>();
      this.#samples.set(sample.cell, ofCell);
      ofCell.set(key, [...(ofCell.get(key) ?? []), sample]);
      if (sample.speed) this.#readings.push(...readingsOf(sample.speed));
    }
    this.#pending = [];
    this.#fullSpeed = undefined;
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
    const full = this.fullSpeed;
    const speeds = cells.flatMap((cell) => this.#samplesOf(cell)).flatMap(({ speed }) => speed ?? []);
    if (full === null || speeds.length === 0) return null;
    return speeds.filter((speed) => isAtFullSpeed(speed, full)).length / speeds.length;
  }

  /** How many times slower the core was beside the other samples, in the middle; null where all were at full speed. */
  get slowdown(): number | null {
    const full = this.fullSpeed;
    if (full === null) return null;
    const slow = [...this.#samples.keys()]
      .flatMap((cell) => this.#samplesOf(cell))
      .flatMap(({ speed }) => (speed && !isAtFullSpeed(speed, full) ? [Math.max(...readingsOf(speed))] : []));
    return slow.length === 0 ? null : quantile(slow, 0.5) / full.ns;
  }

  /**
   * Figures of several cells over the launches and rounds in which all of them were measured at full speed: of one metric, or
   * of one for each cell. Where that was seen in too few rounds to say how far they scatter, over all rounds, with what was
   * at full speed where there is some. What two calls answer need not be of the same rounds.
   */
  rounds(metric: string | readonly string[], cells: readonly string[]): Rounds[] {
    const full = this.fullSpeed;
    if (full === null) return this.roundsAtAnySpeed(metric, cells);
    const atFullSpeed: Choice = (samples) =>
      samples.find(({ speed }) => speed === undefined || isAtFullSpeed(speed, full));
    const chosen = this.#pairedRounds(metric, cells, atFullSpeed);
    const all = this.#pairedRounds(metric, cells, (samples) => atFullSpeed(samples) ?? firstMade(samples));
    return showsScatter(chosen[0] ?? [], all[0] ?? []) ? chosen : all;
  }

  /** The same whatever the speed was, with what was made first in each round. */
  roundsAtAnySpeed(metric: string | readonly string[], cells: readonly string[]): Rounds[] {
    return this.#pairedRounds(metric, cells, firstMade);
  }

  /** Every sample of one cell, those made again too. */
  everySample(metric: string, cell: string): Rounds {
    const launches = new Map<number, number[]>();
    for (const { launch, metrics } of this.#samplesOf(cell)) {
      const figure = metrics[metric];
      if (figure !== undefined) launches.set(launch, [...(launches.get(launch) ?? []), figure]);
    }
    return [...launches.values()];
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
      const sample = choose(samples.filter(({ metrics }) => metrics[metric] !== undefined));
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

const keyOf = ({ experiment, launch, round }: Pick<Round, 'experiment' | 'launch' | 'round'>): string =>
  `${experiment}/${launch}/${round}`;

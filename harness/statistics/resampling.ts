import { type Rounds, requireSameShape } from './rounds.js';

interface SortedSeries {
  /** the figures of all launches, ascending */
  readonly figures: Float64Array;
  /** the round of each figure, counted through all launches */
  readonly roundOf: Int32Array;
}

/**
 * Series that were measured in the same launches and rounds, laid out so that a resample and its medians
 * allocate nothing and sort nothing: each series is sorted once, a resample only counts how often it drew
 * each round.
 *
 * Every method leaves in `medians` one median for each series, in the order given, over the rounds it
 * selected; all series see the same rounds. Launches without rounds (an interrupted run has such) are left
 * out.
 */
export class RoundTable {
  /** launches that have rounds */
  readonly launches: number;
  /** rounds of all launches */
  readonly rounds: number;
  /** rounds by launch */
  readonly roundsOf: Int32Array;
  /** the medians of the last selection, one for each series; reused by the next */
  readonly medians: Float64Array;
  readonly #firstOf: Int32Array;
  readonly #series: readonly SortedSeries[];
  /** how often each round is in the selection */
  readonly #times: Int32Array;

  /** @throws RangeError without figures, for figures that are not finite, or series of different shapes */
  constructor(series: readonly Rounds[]) {
    requireSameShape(series);
    const measured = series.map((figures) => figures.filter((rounds) => rounds.length > 0));
    const [first = []] = measured;
    this.launches = first.length;
    this.roundsOf = Int32Array.from(first, (rounds) => rounds.length);
    this.#firstOf = new Int32Array(this.launches);
    for (let launch = 1; launch < this.launches; launch++) {
      this.#firstOf[launch] = (this.#firstOf[launch - 1] as number) + (this.roundsOf[launch - 1] as number);
    }
    this.#series = measured.map(sortedSeries);
    this.rounds = first.flat().length;
    this.medians = new Float64Array(series.length);
    this.#times = new Int32Array(this.rounds);
  }

  selectAll(): void {
    this.#times.fill(1);
    this.#takeMedians(this.rounds);
  }

  selectLaunch(launch: number): void {
    const first = this.#firstOf[launch] as number;
    const rounds = this.roundsOf[launch] as number;
    this.#times.fill(0).fill(1, first, first + rounds);
    this.#takeMedians(rounds);
  }

  /** Every launch once, its rounds with replacement. */
  resampleRounds(random: () => number): void {
    this.#times.fill(0);
    for (let launch = 0; launch < this.launches; launch++) this.#drawRounds(launch, random);
    this.#takeMedians(this.rounds);
  }

  /** Launches with replacement, then the rounds of each drawn launch with replacement. */
  resampleLaunchesAndRounds(random: () => number): void {
    this.#times.fill(0);
    let drawn = 0;
    for (let i = 0; i < this.launches; i++) {
      const launch = Math.floor(random() * this.launches);
      this.#drawRounds(launch, random);
      drawn += this.roundsOf[launch] as number;
    }
    this.#takeMedians(drawn);
  }

  #drawRounds(launch: number, random: () => number): void {
    const first = this.#firstOf[launch] as number;
    const rounds = this.roundsOf[launch] as number;
    const times = this.#times;
    for (let i = 0; i < rounds; i++) {
      const round = first + Math.floor(random() * rounds);
      times[round] = (times[round] as number) + 1;
    }
  }

  #takeMedians(count: number): void {
    for (let i = 0; i < this.#series.length; i++) {
      this.medians[i] = this.#medianOf(this.#series[i] as SortedSeries, count);
    }
  }

  #medianOf({ figures, roundOf }: SortedSeries, count: number): number {
    const times = this.#times;
    const lowerRank = (count - 1) >> 1;
    const upperRank = count >> 1;
    let place = 0;
    let seen = times[roundOf[0] as number] as number;
    while (seen <= lowerRank) seen += times[roundOf[++place] as number] as number;
    const lower = figures[place] as number;
    while (seen <= upperRank) seen += times[roundOf[++place] as number] as number;
    return lower + ((figures[place] as number) - lower) / 2;
  }
}

function sortedSeries(series: Rounds): SortedSeries {
  const all = series.flat();
  if (all.length === 0) throw new RangeError('no figures');
  for (const figure of all) {
    if (!Number.isFinite(figure)) throw new RangeError(`a figure is not finite: ${figure}`);
  }
  const roundOf = Int32Array.from(all, (_, round) => round).sort(
    (a, b) => (all[a] as number) - (all[b] as number),
  );
  return { figures: Float64Array.from(roundOf, (round) => all[round] as number), roundOf };
}

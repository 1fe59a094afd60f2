import type { Round, Sample, SampleLine } from '../results/samples-schema.js';
import type { Rounds } from '../statistics/rounds.js';

/** The samples of a run by cell, launch and round. Only those of finished rounds count. */
export class SampleStore {
  readonly #samples = new Map<string, Sample[]>();
  readonly #rounds = new Map<string, Round>();
  #pending: Sample[] = [];

  add(lines: readonly SampleLine[]): void {
    for (const line of lines) {
      if (line.kind === 'sample') this.#pending.push(line);
      if (line.kind === 'round') this.#finish(line);
    }
  }

  /** The round's closing line is what makes its samples valid: a kill may have left some without it. */
  #finish(round: Round): void {
    this.#rounds.set(keyOf(round), round);
    for (const sample of this.#pending) {
      if (keyOf(sample) !== keyOf(round)) continue;
      const samples = this.#samples.get(sample.cell);
      if (samples) samples.push(sample);
      else this.#samples.set(sample.cell, [sample]);
    }
    this.#pending = [];
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
    const flags = (this.#samples.get(cell) ?? []).flatMap(
      (sample) => this.#rounds.get(keyOf(sample))?.flags ?? [],
    );
    return [...new Set(flags)].sort();
  }

  metricsOf(cell: string): string[] {
    const samples = this.#samples.get(cell) ?? [];
    // Not every round has them all: memory, for one, is measured while connections are made.
    return [...new Set(samples.flatMap(({ metrics }) => Object.keys(metrics)))];
  }

  /** One metric of several cells over the launches and rounds that all of them have. */
  rounds(metric: string, cells: readonly string[]): Rounds[] {
    const byKey = cells.map(
      (cell) =>
        new Map(
          (this.#samples.get(cell) ?? []).map((sample) => [`${sample.launch}/${sample.round}`, sample]),
        ),
    );
    const [first = new Map<string, Sample>(), ...others] = byKey;
    const launches = new Map<number, string[]>();
    for (const [key, { launch, metrics }] of first) {
      if (metrics[metric] === undefined) continue;
      if (!others.every((samples) => samples.get(key)?.metrics[metric] !== undefined)) continue;
      launches.set(launch, [...(launches.get(launch) ?? []), key]);
    }
    return byKey.map((samples) =>
      [...launches.values()].map((keys) =>
        keys.map((key) => (samples.get(key) as Sample).metrics[metric] as number),
      ),
    );
  }
}

const keyOf = ({ experiment, launch, round }: Pick<Round, 'experiment' | 'launch' | 'round'>): string =>
  `${experiment}/${launch}/${round}`;

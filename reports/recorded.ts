import { readSamples } from '../harness/results/run-folder.js';
import type { Sample, SampleLine } from '../harness/results/samples-schema.js';
import { areAtFullSpeed, fullSpeedOf, readingsOf } from '../harness/statistics/full-speed.js';
import { type RoundSpeed, speedsOf } from './speeds.js';

export type Readings = Extract<SampleLine, { kind: 'readings' }>;

/** What a run recorded beside its figures, as far as its pages show it. */
export interface Recorded {
  readonly speeds: readonly RoundSpeed[];
  /** In the order in which they were taken, by cell. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
  /** Those of them that were not taken at full speed. */
  readonly slow: ReadonlySet<Sample>;
  readonly readings: readonly Readings[];
}

/** By the rule that figures are made by: round by round, in the order in which the batches were made. */
const slowOf = (samples: readonly Sample[]): Set<Sample> => {
  const full = fullSpeedOf(samples.flatMap(({ speed }) => (speed ? readingsOf(speed) : [])));
  if (full === null) return new Set();
  const rounds = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = `${sample.experiment} ${sample.launch} ${sample.round}`;
    const known = rounds.get(key);
    if (known) known.push(sample);
    else rounds.set(key, [sample]);
  }
  return new Set(
    [...rounds.values()].flatMap((round) => {
      const isFull = areAtFullSpeed(
        round.map(({ speed }) => speed),
        full,
      );
      return round.filter((_, at) => isFull[at] === false);
    }),
  );
};

export const recordedOf = (lines: readonly SampleLine[]): Recorded => {
  const samples = new Map<string, Sample[]>();
  const all: Sample[] = [];
  const readings: Readings[] = [];
  for (const line of lines) {
    if (line.kind === 'readings') readings.push(line);
    if (line.kind !== 'sample') continue;
    all.push(line);
    const known = samples.get(line.cell);
    if (known) known.push(line);
    else samples.set(line.cell, [line]);
  }
  return { speeds: speedsOf(lines), samples, slow: slowOf(all), readings };
};

/** @throws DamagedFile */
export const readRecorded = (runFolder: string): Recorded => recordedOf(readSamples(runFolder).lines);

export const NOTHING_RECORDED: Recorded = recordedOf([]);

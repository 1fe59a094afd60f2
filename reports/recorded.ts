import { readSamples } from '../harness/results/run-folder.js';
import type { Sample, SampleLine } from '../harness/results/samples-schema.js';
import { type RoundSpeed, speedsOf } from './speeds.js';

export type Readings = Extract<SampleLine, { kind: 'readings' }>;

/** What a run recorded beside its figures, as far as its pages show it. */
export interface Recorded {
  readonly speeds: readonly RoundSpeed[];
  /** In the order in which they were taken, by cell. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
  readonly readings: readonly Readings[];
}

export const recordedOf = (lines: readonly SampleLine[]): Recorded => {
  const samples = new Map<string, Sample[]>();
  const readings: Readings[] = [];
  for (const line of lines) {
    if (line.kind === 'readings') readings.push(line);
    if (line.kind !== 'sample') continue;
    const known = samples.get(line.cell);
    if (known) known.push(line);
    else samples.set(line.cell, [line]);
  }
  return { speeds: speedsOf(lines), samples, readings };
};

/** @throws DamagedFile */
export const readRecorded = (runFolder: string): Recorded => recordedOf(readSamples(runFolder).lines);

export const NOTHING_RECORDED: Recorded = recordedOf([]);

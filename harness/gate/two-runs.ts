import { quotientOf } from '../results/headlines.js';
import { noiseFloor } from '../results/noise.js';
import { readRun, readSamples } from '../results/run-folder.js';
import type { Claim, Run } from '../results/run-schema.js';
import { type Interval, medianInterval } from '../statistics/bootstrap.js';
import { seedFrom } from '../statistics/random.js';
import { type Figure, type Figures, figuresOf, type MetricClass, type Reading } from './figures.js';
import { fullSpeedLimitNs } from './full-speed.js';

/** Two finished runs side by side: other versions, other kernels, other machines. Nothing pairs them but their conditions. */
export interface Difference {
  readonly id: string;
  readonly kind: MetricClass;
  readonly figure: Figure;
  readonly a: Interval;
  readonly b: Interval;
  /** b over a, with the interval that both intervals leave it; null where one of them is not above 0. */
  readonly ratio: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** Whether it is more than the intervals, and two identical pollers in either run, may differ. */
  readonly isBeyondNoise: boolean;
}

export interface VerdictChange {
  readonly id: string;
  readonly a: Claim['verdict'];
  readonly b: Claim['verdict'];
}

export interface TwoRuns {
  readonly a: Run;
  readonly b: Run;
  readonly noiseFactor: number;
  readonly differences: readonly Difference[];
  readonly onlyInOne: number;
  readonly verdicts: readonly VerdictChange[];
}

/** Reads and compares two run folders. @throws DamagedFile for what is no run of this schema */
export function compareRuns(folderA: string, folderB: string): TwoRuns {
  const [a, b] = [readRun(folderA), readRun(folderB)];
  const [figuresA, figuresB] = [figuresIn(folderA), figuresIn(folderB)];
  // The larger of the two runs' own; at least what rounding leaves.
  const noiseFactor = 1 + Math.max(noiseFloor(a) ?? 0, noiseFloor(b) ?? 0);
  const limits = [fullSpeedLimitNs([figuresA]), fullSpeedLimitNs([figuresB])] as const;
  const both = [...figuresA.values()].filter(({ id }) => figuresB.has(id));
  return {
    ...{ a, b, noiseFactor },
    differences: both.map((figure) =>
      differenceOf(figure, figuresB.get(figure.id) as Figure, limits, noiseFactor),
    ),
    onlyInOne: figuresA.size + figuresB.size - 2 * both.length,
    verdicts: a.claims.flatMap(({ id, verdict }) => {
      const other = b.claims.find((claim) => claim.id === id);
      return other ? [{ id, a: verdict, b: other.verdict }] : [];
    }),
  };
}

/** One run with all its figures. */
export interface RunFigures {
  readonly run: Run;
  readonly figures: Figures;
  /** The figure's median at full speed, with its 95 % interval. */
  intervalOf(id: string): Interval;
}

/** @throws DamagedFile for what is no run of this schema */
export function readRunFigures(folder: string): RunFigures {
  const [run, figures] = [readRun(folder), figuresIn(folder)];
  const limit = fullSpeedLimitNs([figures]);
  return { run, figures, intervalOf: (id) => intervalOf(figures.get(id) as Figure, limit) };
}

function figuresIn(folder: string): Figures {
  const samples = readSamples(folder).lines.flatMap((line) => (line.kind === 'sample' ? [line] : []));
  return figuresOf(samples);
}

function differenceOf(
  a: Figure,
  b: Figure,
  [limitA, limitB]: readonly [number | null, number | null],
  noiseFactor: number,
): Difference {
  const [inA, inB] = [intervalOf(a, limitA), intervalOf(b, limitB)];
  const ratio = quotientOf(inB, inA);
  const factor = a.kind === 'exact' ? 1 + 1e-6 : noiseFactor;
  const isBeyondNoise =
    ratio === null ? inA.high < inB.low || inB.high < inA.low : ratio.low > factor || ratio.high < 1 / factor;
  return { id: a.id, kind: a.kind, figure: a, a: inA, b: inB, ratio, isBeyondNoise };
}

/** At full speed where the run saw it in this figure; launches first, then their rounds. */
function intervalOf(figure: Figure, limitNs: number | null): Interval {
  const full =
    limitNs === null ? [] : figure.readings.filter(({ passNs }) => passNs !== null && passNs <= limitNs);
  const readings = full.length > 0 ? full : figure.readings;
  return medianInterval(roundsOf(readings), { seed: seedFrom('two runs', figure.id), resamples: 500 });
}

function roundsOf(readings: readonly Reading[]): number[][] {
  const launches = new Map<number, number[]>();
  for (const { value, launch = 0 } of readings)
    launches.set(launch, [...(launches.get(launch) ?? []), value]);
  return [...launches.values()];
}

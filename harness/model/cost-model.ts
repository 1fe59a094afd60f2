import type { Run } from '../results/run-schema.js';
import { soundFigure } from '../results/sound-figure.js';
import { dot, fitRelative, middle, type RelativeFit, TooFewFigures } from '../statistics/least-squares.js';
import { quantile } from '../statistics/median.js';
import { randomFrom, seedFrom } from '../statistics/random.js';
import { isCovered, type Split, splitOf } from './held-out.js';
import type { Observation } from './observations.js';
import { type PollerId, TERMS, type TermName, type Turn, termsOf } from './terms.js';

/** A figure in ns with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What a poller's turn costs, fitted to most of its hot cells and tried on values of N and an experiment kept from the fit. */
export interface CostModel {
  readonly poller: PollerId;
  /** Coefficients in ns, only of what these cells can tell apart. */
  readonly terms: ReadonlyMap<TermName, Estimate>;
  /** Which cells were held out, and the relative errors there. */
  readonly heldOut: { readonly what: string; readonly medianError: number; readonly p90Error: number };
  /** Whether some cell that it rests on has as much of everything; else a prediction is an extrapolation. */
  covers(turn: Turn): boolean;
  /** The cost of a turn with its interval: of the coefficients, and of the errors that the model was seen to make. */
  predict(turn: Turn): Estimate;
  /** What each term adds to that cost, in ns. */
  shares(turn: Turn): ReadonlyMap<TermName, number>;
}

/** What a model may miss by on what was held out. */
export const ACCEPTED = { medianError: 0.05, p90Error: 0.15 } as const;

export const isAccepted = ({ heldOut }: Pick<CostModel, 'heldOut'>): boolean =>
  heldOut.medianError <= ACCEPTED.medianError && heldOut.p90Error <= ACCEPTED.p90Error;

/** Whether a coefficient may as well be nothing. */
export const isIndistinct = ({ low, high }: Estimate): boolean => low <= 0 && high >= 0;

interface Fit {
  readonly kept: readonly TermName[];
  readonly relative: RelativeFit;
  countsOf(turn: Turn): number[];
  costOf(turn: Turn): number;
}

function fitTo(names: readonly TermName[], observations: readonly Observation[], seed: number): Fit {
  const relative = fitRelative(
    observations.map(({ turn }) => names.map((name) => TERMS[name].of(turn))),
    observations.map(({ cpuNs }) => cpuNs),
    seed,
  );
  const kept = relative.columns.map((column) => names[column] as TermName);
  const countsOf = (turn: Turn) => kept.map((name) => TERMS[name].of(turn));
  return { kept, relative, countsOf, costOf: (turn) => dot(countsOf(turn), relative.coefficients) };
}

/** Fits a poller's model to what is not held out, and tries it on the rest. The same run gives the same model. @throws TooFewFigures */
export function fitCostModel(run: Pick<Run, 'cells' | 'seed'>, poller: PollerId): CostModel {
  const split = splitOf(run, poller);
  if (split.heldOut.length < LEAST_TRIED_ON)
    throw new TooFewFigures(`${split.heldOut.length} cells held out are too few to try a model on`);
  return modelOf(poller, split, run.seed);
}

const LEAST_TRIED_ON = 3;

function modelOf(poller: PollerId, split: Split, seed: number): CostModel {
  const { fitted, heldOut } = split;
  const fit = fitTo(termsOf(poller), fitted, seedFrom(seed, 'model', poller));
  const { kept, relative, countsOf, costOf } = fit;
  // Signed: what was measured over what was predicted.
  const errors = heldOut.map(({ turn, cpuNs }) => cpuNs / costOf(turn) - 1);
  const sizes = heldOut.map(({ turn, cpuNs }) => Math.abs(costOf(turn) / cpuNs - 1));
  const random = randomFrom(seedFrom(seed, 'prediction', poller));
  const draws = relative.resampled.map((coefficients) => ({
    coefficients,
    factor: 1 + (errors[Math.floor(random() * errors.length)] as number),
  }));
  return {
    poller,
    terms: new Map(
      kept.map((name, index) => [
        name,
        soundFigure(`${name} of ${poller}'s model`, coefficient(relative, index)),
      ]),
    ),
    heldOut: soundErrors(poller, {
      what: inWords(split),
      medianError: quantile(sizes, 0.5),
      p90Error: quantile(sizes, 0.9),
    }),
    covers: (turn) => isCovered(turn, [...fitted, ...heldOut]),
    predict(turn) {
      const counts = countsOf(turn);
      const drawn = draws.map(({ coefficients, factor }) => dot(counts, coefficients) * factor);
      const value = costOf(turn);
      const { low, high } = middle(drawn, value);
      return { value, low: Math.min(value, Math.max(0, low)), high };
    },
    shares: (turn) =>
      new Map(
        kept.map((name, index) => [name, TERMS[name].of(turn) * (relative.coefficients[index] as number)]),
      ),
  };
}

/** "N = 32, 500; experiment watched-fds; 21 cells with what is nearly the same": what run.json and pages say of it. */
function inWords({ counts, experiment, heldOut }: Split): string {
  const values = counts.length === 0 ? [] : [`N = ${counts.join(', ')}`];
  const whole = experiment === null ? [] : [`experiment ${experiment}`];
  return [...values, ...whole, `${heldOut.length} cells with what is nearly the same`].join('; ');
}

function soundErrors(poller: PollerId, errors: CostModel['heldOut']): CostModel['heldOut'] {
  const { medianError: value, p90Error: high } = errors;
  soundFigure(`the error of ${poller}'s model where it was held out`, { value, low: 0, high });
  return errors;
}

function coefficient({ coefficients, resampled }: RelativeFit, index: number): Estimate {
  const value = coefficients[index] as number;
  return {
    value,
    ...middle(
      resampled.map((draw) => draw[index] as number),
      value,
    ),
  };
}

/** The model as run.json has it. */
export const summaryOf = (model: CostModel): Run['models'][number] => ({
  poller: model.poller,
  accepted: isAccepted(model),
  terms: Object.fromEntries(
    [...model.terms].map(([name, estimate]) => [name, { ...estimate, unit: 'ns' as const }]),
  ),
  heldOut: model.heldOut,
});

/** Every model that a run's cells are enough for; whoever `refuse`s one that breaks has the others. */
export function modelsOf(
  run: Pick<Run, 'cells' | 'seed'>,
  refuse: (poller: PollerId, error: unknown) => void = (_poller, error) => {
    throw error;
  },
): CostModel[] {
  const pollers = [...new Set(run.cells.map(({ poller }) => poller))];
  return pollers.flatMap((poller) => {
    try {
      return [fitCostModel(run, poller)];
    } catch (error) {
      if (!(error instanceof TooFewFigures)) refuse(poller, error);
      return [];
    }
  });
}

import type { Run } from '../results/run-schema.js';
import { dot, fitRelative, middle, type RelativeFit, TooFewFigures } from '../statistics/least-squares.js';
import { quantile } from '../statistics/median.js';
import { randomFrom, seedFrom } from '../statistics/random.js';
import { type Observation, observationsOf } from './observations.js';
import { type PollerId, TERMS, type TermName, type Turn, termsOf } from './terms.js';

/** A figure in ns with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What a poller's turn costs, fitted on half of its hot cells and tried on the other half. */
export interface CostModel {
  readonly poller: PollerId;
  /** Coefficients in ns, only of what these cells can tell apart. */
  readonly terms: ReadonlyMap<TermName, Estimate>;
  /** Relative errors on the half that was held out. */
  readonly heldOut: { readonly medianError: number; readonly p90Error: number };
  /** The largest numbers among the cells; beyond them a prediction is an extrapolation. */
  readonly range: { readonly watched: number; readonly ready: number; readonly churn: number };
  /** The cost of a turn with its interval: of the coefficients, and of the errors that the model was seen to make. */
  predict(turn: Turn): Estimate;
  /** What each term adds to that cost, in ns. */
  shares(turn: Turn): ReadonlyMap<TermName, number>;
}

const ACCEPTED = { medianError: 0.05, p90Error: 0.15 } as const;

export const isAccepted = ({ heldOut }: Pick<CostModel, 'heldOut'>): boolean =>
  heldOut.medianError <= ACCEPTED.medianError && heldOut.p90Error <= ACCEPTED.p90Error;

/** Whether a coefficient may as well be nothing. */
export const isIndistinct = ({ low, high }: Estimate): boolean => low <= 0 && high >= 0;

/** Every other one of a poller's cells, in the order of their ids, and the rest. The few that sleep are dealt by themselves. */
export function halvesOf(run: Pick<Run, 'cells'>, poller: PollerId) {
  const observations = observationsOf(run, poller);
  const asleep = observations.filter(({ turn }) => turn.timeout === 'slept');
  const awake = observations.filter(({ turn }) => turn.timeout !== 'slept');
  const half = (which: 0 | 1) =>
    [awake, asleep].flatMap((cells) => cells.filter((_, index) => index % 2 === which));
  return { fitted: half(0), heldOut: half(1) };
}

/** Fits a poller's model to half of its cells and tries it on the rest. The same run gives the same model. @throws TooFewFigures */
export function fitCostModel(run: Pick<Run, 'cells' | 'seed'>, poller: PollerId): CostModel {
  const { fitted, heldOut } = halvesOf(run, poller);
  return modelOf(poller, fitted, heldOut, run.seed);
}

function modelOf(
  poller: PollerId,
  fitted: readonly Observation[],
  heldOut: readonly Observation[],
  seed: number,
): CostModel {
  const names = termsOf(poller);
  const rowOf = (turn: Turn) => names.map((name) => TERMS[name].of(turn));
  const fit = fitRelative(
    fitted.map(({ turn }) => rowOf(turn)),
    fitted.map(({ cpuNs }) => cpuNs),
    seedFrom(seed, 'model', poller),
  );
  const kept = fit.columns.map((column) => names[column] as TermName);
  const countsOf = (turn: Turn) => kept.map((name) => TERMS[name].of(turn));
  const costOf = (turn: Turn) => dot(countsOf(turn), fit.coefficients);
  // Signed: what was measured over what was predicted.
  const errors = heldOut.map(({ turn, cpuNs }) => cpuNs / costOf(turn) - 1);
  const sizes = heldOut.map(({ turn, cpuNs }) => Math.abs(costOf(turn) / cpuNs - 1));
  const most = (of: (turn: Turn) => number) =>
    Math.max(...[...fitted, ...heldOut].map(({ turn }) => of(turn)));
  return {
    poller,
    terms: new Map(kept.map((name, index) => [name, coefficient(fit, index)])),
    heldOut: { medianError: quantile(sizes, 0.5), p90Error: quantile(sizes, 0.9) },
    range: {
      watched: most(({ watched }) => watched),
      ready: most(({ ready }) => ready),
      churn: most(({ churn }) => churn),
    },
    predict(turn) {
      const counts = countsOf(turn);
      const random = randomFrom(seedFrom(seed, 'prediction', poller));
      const draws = fit.resampled.map(
        (coefficients) =>
          dot(counts, coefficients) * (1 + (errors[Math.floor(random() * errors.length)] as number)),
      );
      const value = costOf(turn);
      const { low, high } = middle(draws, value);
      return { value, low: Math.min(value, Math.max(0, low)), high };
    },
    shares: (turn) =>
      new Map(kept.map((name, index) => [name, TERMS[name].of(turn) * (fit.coefficients[index] as number)])),
  };
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
export const summaryOf = ({ poller, terms, heldOut }: CostModel): Run['models'][number] => ({
  poller,
  terms: Object.fromEntries(
    [...terms].map(([name, estimate]) => [name, { ...estimate, unit: 'ns' as const }]),
  ),
  heldOut,
});

/** Every model that a run's cells are enough for. */
export function modelsOf(run: Pick<Run, 'cells' | 'seed'>): CostModel[] {
  const pollers = [...new Set(run.cells.map(({ poller }) => poller))];
  return pollers.flatMap((poller) => {
    try {
      return [fitCostModel(run, poller)];
    } catch (error) {
      if (error instanceof TooFewFigures) return [];
      throw error;
    }
  });
}

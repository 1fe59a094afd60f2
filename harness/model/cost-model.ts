import type { Run } from '../results/run-schema.js';
import { soundFigure } from '../results/sound-figure.js';
import { dot, fitRelative, middle, type RelativeFit, TooFewFigures } from '../statistics/least-squares.js';
import { quantile } from '../statistics/median.js';
import { randomFrom, seedFrom, shuffled } from '../statistics/random.js';
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
  /** Whether some cell that it rests on has as much of everything; else a prediction is an extrapolation. */
  covers(turn: Turn): boolean;
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

/** Colder cells may be so far from the line through the hot ones. */
const ON_THE_LINE = 0.15;

/**
 * The cells that a poller's model rests on, half of them to be fitted and half to try it on, dealt by chance but the same way
 * for the same run: all that are hot, and of the others those that lie on the line through the hot ones. The few that sleep
 * are dealt by themselves. @throws TooFewFigures
 */
export function halvesOf(run: Pick<Run, 'cells' | 'seed'>, poller: PollerId) {
  const observations = observationsOf(run, poller);
  const names = termsOf(poller);
  const hot = fitTo(
    names,
    observations.filter(({ isHot }) => isHot),
    run.seed,
  );
  const counted = observations.filter(
    ({ isHot, turn, cpuNs }) => isHot || Math.abs(hot.costOf(turn) / cpuNs - 1) <= ON_THE_LINE,
  );
  const isAsleep = ({ turn }: Observation) => turn.timeout === 'slept';
  const random = randomFrom(seedFrom(run.seed, 'halves', poller));
  const dealt = [
    ...shuffled(counted.filter(isAsleep), random),
    ...shuffled(
      counted.filter((one) => !isAsleep(one)),
      random,
    ),
  ];
  const half = (which: 0 | 1) => dealt.filter((_, index) => index % 2 === which);
  return { fitted: half(0), heldOut: half(1) };
}

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
  const fit = fitTo(termsOf(poller), fitted, seedFrom(seed, 'model', poller));
  const { kept, relative, countsOf, costOf } = fit;
  // Signed: what was measured over what was predicted.
  const errors = heldOut.map(({ turn, cpuNs }) => cpuNs / costOf(turn) - 1);
  const sizes = heldOut.map(({ turn, cpuNs }) => Math.abs(costOf(turn) / cpuNs - 1));
  const turns = [...fitted, ...heldOut].map(({ turn }) => turn);
  return {
    poller,
    terms: new Map(
      kept.map((name, index) => [
        name,
        soundFigure(`${name} of ${poller}'s model`, coefficient(relative, index)),
      ]),
    ),
    heldOut: soundErrors(poller, { medianError: quantile(sizes, 0.5), p90Error: quantile(sizes, 0.9) }),
    covers: ({ watched, ready, churn }) =>
      turns.some((turn) => turn.watched >= watched && turn.ready >= ready && turn.churn >= churn),
    predict(turn) {
      const counts = countsOf(turn);
      const random = randomFrom(seedFrom(seed, 'prediction', poller));
      const draws = relative.resampled.map(
        (coefficients) =>
          dot(counts, coefficients) * (1 + (errors[Math.floor(random() * errors.length)] as number)),
      );
      const value = costOf(turn);
      const { low, high } = middle(draws, value);
      return { value, low: Math.min(value, Math.max(0, low)), high };
    },
    shares: (turn) =>
      new Map(
        kept.map((name, index) => [name, TERMS[name].of(turn) * (relative.coefficients[index] as number)]),
      ),
  };
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
  heldOut: { what: 'half of the cells, dealt by the seed', ...model.heldOut },
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

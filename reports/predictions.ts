import { type CostModel, type Estimate, isAccepted } from '../harness/model/cost-model.js';
import {
  highestFdOf,
  meanBeforeReady,
  type Timeout,
  type Turn,
  USUAL_WAKES_PER_SECOND,
} from '../harness/model/terms.js';
import type { Run } from '../harness/results/run-schema.js';
import { modelsOf } from './models.js';
import type { PollerId } from './theme/pollers.js';

/** What turns cost by the accepted models of a run, at every setting that a reader of its pages can choose. */

export const TIMEOUTS = {
  zero: 'returns at once',
  finite: 'may wait for a time',
  infinite: 'may wait for ever',
  slept: `asleep until one is ready, ${USUAL_WAKES_PER_SECOND} times a second`,
} as const satisfies Record<Timeout, string>;
export const timeouts = Object.keys(TIMEOUTS) as Timeout[];

export const WATCHED = [1, 2, 5, 10, 20, 30, 50, 100, 200, 300, 500, 700, 1000] as const;
/** Of the watched fds; the least that can be is one. */
const READY_SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1] as const;
export const CHURNS_PER_100 = [0, 1, 10, 100] as const;

/** The counts of ready fds that are offered for so many watched ones. */
export const readyOf = (watched: number): number[] => [
  ...new Set([1, ...READY_SHARES.map((share) => Math.max(1, Math.round(share * watched)))]),
];

export interface Setting {
  readonly watched: number;
  readonly ready: number;
  readonly churnPer100: number;
  readonly timeout: Timeout;
}

export const turnOf = ({ watched, ready, churnPer100, timeout }: Setting): Turn => ({
  watched,
  ready,
  churn: churnPer100 / 100,
  timeout,
  beforeReady: meanBeforeReady(watched, ready),
  highestFd: highestFdOf(watched),
  wakesPerSecond: timeout === 'slept' ? USUAL_WAKES_PER_SECOND : 0,
});

export const accepted = (run: Run): CostModel[] => modelsOf(run).filter(isAccepted);
export const refused = (run: Run): CostModel[] => modelsOf(run).filter((model) => !isAccepted(model));

export interface Prediction extends Estimate {
  readonly poller: PollerId;
  /** No cell of the run has as much of everything. */
  readonly isExtrapolated: boolean;
}

export const predictionsOf = (models: readonly CostModel[], setting: Setting): Prediction[] =>
  models.map((model) => {
    const turn = turnOf(setting);
    return { poller: model.poller, ...model.predict(turn), isExtrapolated: !model.covers(turn) };
  });

export interface Predicted {
  readonly setting: Setting;
  readonly costs: readonly Prediction[];
}

const grids = new WeakMap<Run, readonly Predicted[]>();

/** Every setting with what the accepted models say of it: by timeout, churn, watched and ready; empty without such models. */
export const gridOf = (run: Run): readonly Predicted[] => {
  const grid = grids.get(run) ?? computeGrid(accepted(run));
  grids.set(run, grid);
  return grid;
};

const computeGrid = (models: readonly CostModel[]): Predicted[] =>
  models.length === 0
    ? []
    : timeouts.flatMap((timeout) =>
        CHURNS_PER_100.flatMap((churnPer100) =>
          WATCHED.flatMap((watched) =>
            readyOf(watched).map((ready) => {
              const setting = { watched, ready, churnPer100, timeout };
              return { setting, costs: predictionsOf(models, setting) };
            }),
          ),
        ),
      );

import type { CostModel } from '../../harness/model/cost-model.js';
import { type Crossover, crossoverOf } from '../../harness/model/crossover.js';
import type { Timeout } from '../../harness/model/terms.js';
import type { Run } from '../../harness/results/run-schema.js';
import { writeCount, writeList } from '../figures.js';
import { modelsOf } from '../models.js';
import { accepted, CHURNS_PER_100, gridOf, refused, TIMEOUTS, timeouts, WATCHED } from '../predictions.js';
import type { PollerId } from '../theme/pollers.js';
import type { Axis } from './axis.js';
import type { Chart, Point } from './chart.js';
import { linePanel } from './line-panel.js';
import { regionLayers, regionsOf } from './winners.js';

const TITLE = 'Who is the cheapest, and from which share of active fds on epoll costs more';
const OTHERS: readonly PollerId[] = ['select-wide', 'poll'];
const COUNTS = [10, 30, 100, 300, 1000];

export interface SurfacePoint {
  readonly other: PollerId;
  readonly watched: number;
  readonly churnPer100: number;
  readonly timeout: Timeout;
  readonly crossover: Crossover;
}

const surfaces = new WeakMap<Run, readonly SurfacePoint[]>();

/** The crossover of epoll with select and with poll by the accepted models of a run; empty where there are no two. */
export const surfaceOf = (run: Run): readonly SurfacePoint[] => {
  const surface = surfaces.get(run) ?? computeSurface(accepted(run));
  surfaces.set(run, surface);
  return surface;
};

const computeSurface = (models: readonly CostModel[]): SurfacePoint[] => {
  const epoll = models.find(({ poller }) => poller === 'epoll');
  if (!epoll) return [];
  return models
    .filter(({ poller }) => OTHERS.includes(poller))
    .flatMap((model) =>
      CHURNS_PER_100.flatMap((churnPer100) =>
        timeouts.flatMap((timeout) =>
          COUNTS.map((watched) => ({
            other: model.poller,
            watched,
            churnPer100,
            timeout,
            crossover: crossoverOf(epoll, model, { watched, churn: churnPer100 / 100, timeout }),
          })),
        ),
      ),
    );
};

export const churnInWords = (churnPer100: number): string =>
  churnPer100 === 0
    ? 'The set stays'
    : churnPer100 === 100
      ? 'One registration replaced each turn'
      : `${writeCount(churnPer100, 'registration')} replaced per 100 turns`;

const pointsOf = (surface: readonly SurfacePoint[]): Point[] =>
  surface.flatMap(({ other, watched, crossover }) =>
    crossover.kind !== 'at'
      ? []
      : [
          {
            poller: other,
            series: 'pollcost',
            x: watched,
            unit: 'ratio',
            ratioKind: 'share',
            flags: [],
            ...crossover.share,
          },
        ],
  );

export const MAP_X: Axis = {
  title: 'watched fds',
  scale: 'log',
  labels: 'count',
  domain: [WATCHED[0], WATCHED.at(-1) as number],
};
export const MAP_Y: Axis = {
  title: 'share that is ready',
  scale: 'log',
  labels: 'share',
  domain: [1 / (WATCHED.at(-1) as number), 1],
};

const percent = (share: number): string => `${(share * 100).toFixed(1)}\u00a0%`;

/** What a model missed by, and by how much it may. */
export const refusalOf = ({ poller, heldOut }: CostModel): string =>
  `the model of ${poller} is refused: on cells that it had not seen it missed by ${percent(heldOut.medianError)} ` +
  `(median) and ${percent(heldOut.p90Error)} (90th percentile)`;

const whyAbsent = (run: Run): string =>
  modelsOf(run).length === 0
    ? 'it takes cost models, and this run measured too few cells for them'
    : `it takes the accepted models of two pollers: ${writeList(refused(run).map(refusalOf)) || 'this run has one alone'}`;

/** The map of who is the cheapest by the models, and on it the share at which epoll's turn costs as much as the other's. */
export const crossover: Chart = (run) => {
  if (accepted(run).length < 2) return { status: 'absent', title: TITLE, reason: whyAbsent(run) };
  const surface = surfaceOf(run);
  const isAt = (timeout: Timeout, churn: number) => (at: { timeout: Timeout; churnPer100: number }) =>
    at.timeout === timeout && at.churnPer100 === churn;
  const panels = timeouts.flatMap((timeout) =>
    CHURNS_PER_100.map((churn) => ({
      title: `${churnInWords(churn)}, ${TIMEOUTS[timeout]}`,
      points: pointsOf(surface.filter(isAt(timeout, churn))),
      regions: regionsOf(gridOf(run).filter(({ setting }) => isAt(timeout, churn)(setting))),
    })),
  );
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'Each place has the colour of the poller whose turn is the cheapest there, pale where the intervals of the models do not tell it ' +
      'from one that makes another system call. Below a line epoll’s turn is cheaper than the other’s, above it dearer; the interval is where the ' +
      'models’ own intervals meet. Where a line ends, one of the two is cheaper at every share. Nothing is drawn where less than one fd would be ready.',
    conditions: [
      'hot caches · readiness is consumed · private file table · computed from models, not measured',
      ...refused(run).map((model) => `left out: ${refusalOf(model)}`),
    ].join(' · '),
    description:
      'The poller with the cheapest turn by watched fds and by the share that is ready, and the share at which epoll costs as much as select or poll.',
    names: { 'select-wide': 'epoll meets select', poll: 'epoll meets poll' },
    inks: accepted(run).map(({ poller }) => poller),
    panels: panels.map(({ title, points, regions }) =>
      linePanel({
        title,
        metric: 'activeShare',
        points,
        x: MAP_X,
        y: MAP_Y,
        behind: regionLayers(regions, MAP_X, MAP_Y),
      }),
    ),
  };
};

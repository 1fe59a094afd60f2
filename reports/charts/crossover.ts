import { isAccepted } from '../../harness/model/cost-model.js';
import { type Crossover, crossoverOf } from '../../harness/model/crossover.js';
import type { Run } from '../../harness/results/run-schema.js';
import { writeList } from '../figures.js';
import { modelsOf } from '../models.js';
import type { PollerId } from '../theme/pollers.js';
import { type Axis, logAxis, logDomain } from './axis.js';
import { extentOf } from './cells.js';
import type { Chart, Point } from './chart.js';
import { linePanel } from './line-panel.js';

const TITLE = 'From which share of active fds on epoll costs more';
const COUNTS = [10, 30, 100, 300, 1000];
const CHURNS = [0, 1, 100];
const TIMEOUTS = { zero: 'returns at once', finite: 'may wait for a time' } as const;
const OTHERS: readonly PollerId[] = ['select-wide', 'poll'];

export interface SurfacePoint {
  readonly other: PollerId;
  readonly watched: number;
  readonly churnPer100: number;
  readonly timeout: keyof typeof TIMEOUTS;
  readonly crossover: Crossover;
}

const surfaces = new WeakMap<Run, readonly SurfacePoint[]>();

/** The crossover of epoll with select and with poll by the models of a run; empty where a model is missing. */
export const surfaceOf = (run: Run): readonly SurfacePoint[] => {
  const surface = surfaces.get(run) ?? computeSurface(run);
  surfaces.set(run, surface);
  return surface;
};

const computeSurface = (run: Run): SurfacePoint[] => {
  const models = modelsOf(run);
  const epoll = models.find(({ poller }) => poller === 'epoll');
  if (!epoll) return [];
  return models
    .filter(({ poller }) => OTHERS.includes(poller))
    .flatMap((model) =>
      CHURNS.flatMap((churnPer100) =>
        (Object.keys(TIMEOUTS) as (keyof typeof TIMEOUTS)[]).flatMap((timeout) =>
          COUNTS.map((watched) => ({
            other: model.poller,
            watched,
            churnPer100,
            timeout,
            crossover: crossoverOf(epoll, model, {
              watched,
              churn: churnPer100 / 100,
              timeout,
            }),
          })),
        ),
      ),
    );
};

const churnInWords = (churnPer100: number): string =>
  churnPer100 === 0
    ? 'The set stays'
    : churnPer100 === 100
      ? 'One registration replaced each turn'
      : `${churnPer100} registration replaced per 100 turns`;

const pointsOf = (surface: readonly SurfacePoint[]): Point[] =>
  surface.flatMap(({ other, watched, crossover }) =>
    crossover.kind !== 'at'
      ? []
      : [{ poller: other, series: 'pollcost', x: watched, unit: 'ratio', flags: [], ...crossover.share }],
  );

/** A model that errs too much is still drawn, and said to be one. */
const refused = (run: Run): string[] => {
  const pollers = modelsOf(run).flatMap((model) =>
    [...OTHERS, 'epoll'].includes(model.poller) && !isAccepted(model) ? [model.poller] : [],
  );
  return pollers.length === 0 ? [] : [`refused, do not rely on it: the model of ${writeList(pollers)}`];
};

/** The share of ready fds at which epoll's turn costs as much as the other's, by the models. */
export const crossover: Chart = (run) => {
  const surface = surfaceOf(run);
  const panels = (Object.keys(TIMEOUTS) as (keyof typeof TIMEOUTS)[])
    .flatMap((timeout) =>
      CHURNS.map((churn) => ({
        title: `${churnInWords(churn)}, ${TIMEOUTS[timeout]}`,
        points: pointsOf(surface.filter((point) => point.churnPer100 === churn && point.timeout === timeout)),
      })),
    )
    .filter(({ points }) => points.length > 0);
  if (panels.length === 0) {
    const reason =
      surface.length > 0
        ? 'by the models the turns of epoll and of the others never cost the same'
        : 'it takes a cost model of epoll and one of poll or select, and this run measured too few cells for them';
    return { status: 'absent', title: TITLE, reason };
  }
  const all = panels.flatMap(({ points }) => points);
  const x: Axis = logAxis(
    'watched fds',
    'count',
    all.map((point) => point.x),
  );
  const [least] = logDomain(extentOf(all));
  const y: Axis = { title: 'share that is ready', scale: 'log', labels: 'share', domain: [least, 1] };
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'Below a line epoll’s turn is the cheaper one, above it the other’s. Computed from the cost models, for the turn alone; ' +
      'the interval is where the models’ own intervals meet. Where a line ends, one of the two is cheaper at every share.',
    conditions: [
      'hot caches · readiness is consumed · private file table · computed from models, not measured',
      ...refused(run),
    ].join(' · '),
    description:
      'Share of ready fds at which a turn of epoll costs as much as one of select or poll, against watched fds.',
    names: { 'select-wide': 'epoll meets select', poll: 'epoll meets poll' },
    panels: panels.map((panel) => linePanel({ ...panel, metric: 'activeShare', x, y })),
  };
};

import type { Run } from '../../harness/results/run-schema.js';
import { writeNumber } from '../figures.js';
import { type Axis, logAxis } from './axis.js';
import { extentOf } from './cells.js';
import type { Chart, Point } from './chart.js';
import { claimAbsence, effectsOf, pointOf, quote } from './effects.js';
import { linePanel } from './line-panel.js';

const TITLE = 'epoll against select and poll, over a grid of workloads';
const CLAIM = 'less-cpu-mostly';
const others = ['Select', 'Poll'];

interface GridPoint extends Point {
  readonly watched: number;
  readonly churn: number;
}

const gridOf = (run: Run): GridPoint[] =>
  effectsOf(run, CLAIM, { experiment: 'workload-grid', poller: 'epoll' }).flatMap((effect) => {
    const { overPoller, watched, ready, churnPer100, timeout } = effect.factors;
    if (effect.unit !== 'ratio' || overPoller === undefined || ready === undefined) return [];
    const line = timeout === 'zero' ? 'pollcost' : 'finite';
    const point = pointOf(effect, String(overPoller), line, Number(ready) / Number(watched));
    return [{ ...point, watched: Number(watched), churn: Number(churnPer100) }];
  });

const churns = (churn: number): string =>
  churn === 0
    ? 'the set stays'
    : churn === 100
      ? 'one replaced each turn'
      : `${writeNumber(churn)} replaced per 100 turns`;

const panelsOf = (grid: readonly GridPoint[]) => {
  const levels = (of: (point: GridPoint) => number) => [...new Set(grid.map(of))].sort((a, b) => a - b);
  return levels(({ watched }) => watched).flatMap((watched) =>
    levels(({ churn }) => churn).flatMap((churn) => {
      const points = grid
        .filter((point) => point.watched === watched && point.churn === churn)
        .sort((a, b) => a.x - b.x);
      return points.length === 0
        ? []
        : [{ title: `${writeNumber(watched)} watched, ${churns(churn)}`, points }];
    }),
  );
};

const captionOf = (run: Run): string => {
  const share = quote(run, CLAIM, [['', 'shareOfGridWhereEpollIsSurelyCheaper']]).trim();
  const flips = quote(
    run,
    CLAIM,
    others.flatMap((other) =>
      [100, 1000].map(
        (watched) =>
          [
            `against ${other.toLowerCase()} at ${writeNumber(watched)}`,
            `epollOver${other}CrossoverAt${watched}Zero`,
          ] as const,
      ),
    ),
  );
  return (
    'Below the dotted line epoll is the cheaper one. These are the ratios that the verdict was reached with.' +
    (share && ` In ${share} of the grid epoll is surely cheaper.`) +
    (flips && ` Without churn, the share of active fds at which it stops being so: ${flips}.`)
  );
};

/** The ratios of whole cycles that less-cpu-mostly is judged by, against the share of active fds. */
export const workloadGrid: Chart = (run) => {
  const grid = gridOf(run);
  if (grid.length === 0) {
    return { status: 'absent', title: TITLE, reason: claimAbsence(run, CLAIM, 'workload-grid') };
  }
  const x: Axis = logAxis(
    'share of fds that is active',
    'share',
    grid.map((point) => point.x),
  );
  const y: Axis = logAxis('CPU time, epoll / the other', 'factor', [1, ...extentOf(grid)]);
  return {
    status: 'drawn',
    title: TITLE,
    caption: captionOf(run),
    conditions: `effects of claim ${CLAIM} · the active set rotates · a cycle is the turn, its reads and the sender’s writes · their 95\u00a0% intervals`,
    description:
      'CPU time of a cycle of epoll over one of select and of poll, against the share of active fds.',
    names: { 'select-wide': 'epoll / select', poll: 'epoll / poll' },
    beside: 'a turn that may wait for a time',
    panels: panelsOf(grid).map((panel) => linePanel({ ...panel, metric: 'epollOver', x, y, reference: 1 })),
  };
};

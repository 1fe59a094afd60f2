import type { Run } from '../../harness/results/run-schema.js';
import { writeNumber } from '../figures.js';
import type { RoundSpeed } from '../speeds.js';
import { linearDomain, logAxis } from './axis.js';
import { extentOf } from './cells.js';
import type { Absent, ChartSpec, Point } from './chart.js';
import { linePanel } from './line-panel.js';
import { rowPanel } from './row-panel.js';

const TITLE = 'How fast the core was, while the run went on';
/** Within this of the fastest counts as full speed. */
const FULL_SPEED = 1.1;
/** More rounds than these are drawn by every second, third, ... one. */
const MOST_POINTS = 400;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

const pointOf = ({ medianNs, fastestNs, slowestNs }: RoundSpeed, x: number): Point => ({
  poller: '',
  series: 'pollcost',
  x,
  value: medianNs,
  low: fastestNs,
  high: slowestNs,
  unit: 'ns',
  flags: [],
});

const byExperiment = (speeds: readonly RoundSpeed[]): Point[] =>
  [...new Set(speeds.map(({ experiment }) => experiment))].map((experiment, x) => {
    const theirs = speeds.filter((speed) => speed.experiment === experiment);
    return {
      ...pointOf(theirs[0] as RoundSpeed, x),
      label: experiment,
      value: median(theirs.map(({ medianNs }) => medianNs)),
      low: Math.min(...theirs.map(({ fastestNs }) => fastestNs)),
      high: Math.max(...theirs.map(({ slowestNs }) => slowestNs)),
    };
  });

/** What the sentinel read beside the batches, over the time of the run and by experiment. */
export const speedChart = (run: Run, speeds: readonly RoundSpeed[]): ChartSpec | Absent => {
  if (speeds.length === 0)
    return { status: 'absent', title: TITLE, reason: 'no speed was read beside the samples of this run' };
  const every = Math.ceil(speeds.length / MOST_POINTS);
  const points = speeds
    .filter((_, index) => index % every === 0)
    .map((speed) => pointOf(speed, speed.atSeconds));
  const { fullSpeedNs, shareAtFullSpeed } = run.noise;
  const limits = fullSpeedNs === null ? [] : [{ to: fullSpeedNs * FULL_SPEED }];
  const y = logAxis('a pass of the sentinel', 'time', [...extentOf(points), ...limits.map(({ to }) => to)]);
  const share =
    shareAtFullSpeed === null
      ? ''
      : ` Of all samples ${writeNumber(shareAtFullSpeed * 100)}\u00a0% were taken at it.`;
  return {
    status: 'drawn',
    title: TITLE,
    caption: `Each dot is a round: the median pass of a fixed piece of work, from the fastest to the slowest. What lies in the shaded part counts as full speed.${share}`,
    conditions: 'read right before and after each batch, on the core that is measured',
    description: `Time of a pass of the speed sentinel over the time of the run.${share}`,
    panels: [
      linePanel({
        title: 'Over the time of the run',
        metric: 'passNs',
        points,
        x: {
          title: 'seconds since the first round',
          scale: 'linear',
          labels: 'count',
          domain: linearDomain(
            points.map(({ x }) => x),
            0,
          ),
        },
        y,
        limits,
        scattered: true,
      }),
      rowPanel({
        title: 'By experiment',
        metric: 'passNs',
        rowTitle: 'experiment',
        points: byExperiment(speeds),
        x: y,
        ...(fullSpeedNs === null ? {} : { reference: fullSpeedNs * FULL_SPEED }),
      }),
    ],
  };
};

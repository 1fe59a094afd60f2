import type { TopLevelSpec } from 'vega-lite';
import type { RatioKind, Run, Series, Unit } from '../../harness/results/run-schema.js';
import type { PollerId } from '../theme/pollers.js';
import type { Axis } from './axis.js';

/**
 * Which line of a poller a figure belongs to: who made the turns, or under which second condition. All but `pollcost` are
 * drawn hollow and dashed.
 */
export type Line = Series | 'read' | 'finite' | 'shared';

/** One figure: drawn as a point with its band, and listed in the table beside the chart. */
export interface Point {
  readonly poller: PollerId;
  readonly series: Line;
  readonly x: number;
  /** The row of a panel of rows, in place of `x`, which is then its place. */
  readonly label?: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly unit: Unit;
  readonly ratioKind?: RatioKind | undefined;
  readonly flags: readonly string[];
}

/** A sign of the legend that is no poller's: so dark, and with a dashed edge. */
export interface Shade {
  readonly label: string;
  readonly opacity: number;
  readonly isDashed?: true;
}

/** One of the small multiples of a chart. `points` are what its table lists, and what `spec` draws. */
export interface Panel {
  readonly title: string;
  /** The metric, by its name in run.json. */
  readonly metric: string;
  /** What the horizontal axis counts ("watched fds"). */
  readonly xTitle: string;
  readonly xLabels: Axis['labels'];
  readonly description: string;
  readonly points: readonly Point[];
  /** How many of the points are not drawn, because a logarithmic axis has no zero; the table has them. */
  readonly omitted: number;
  readonly spec: TopLevelSpec;
}

export interface ChartSpec {
  readonly status: 'drawn';
  readonly title: string;
  /** What to see, in one or two sentences, with figures from the run. */
  readonly caption: string;
  /** Under which conditions the figures were measured. */
  readonly conditions: string;
  /** For those who do not see the chart. */
  readonly description: string;
  /** What stands for a poller's name where its mark is not the poller alone ("epoll over poll"). */
  readonly names?: Partial<Record<PollerId, string>>;
  /** Whose colours fill areas, where there are some. */
  readonly inks?: readonly PollerId[];
  /** What darker and paler pieces, and dashed ones, mean, where there are some. */
  readonly shades?: readonly Shade[];
  /** What hollow marks are, where there are any; "in C" unless told. */
  readonly beside?: string;
  readonly panels: readonly Panel[];
}

/** A chart that this run cannot draw. */
export interface Absent {
  readonly status: 'absent';
  readonly title: string;
  readonly reason: string;
}

/**
 * A chart turns a run into what is to be drawn, or into the reason why it cannot be. It invents no
 * statistics.
 */
export type Chart = (run: Run) => ChartSpec | Absent;

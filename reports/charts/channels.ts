import type { TopLevelSpec } from 'vega-lite';
import { colourOf, type PollerId, shapeOf } from '../theme/pollers.js';
import { type Axis, labelExpr, namesExpr, ticksOf } from './axis.js';

/** What all panels say to Vega-Lite alike: axes, and how a poller looks. */

export type Layers = Extract<TopLevelSpec, { layer: unknown }>['layer'];

/** On whole pixels, as half of one is less than a line is wide: its tenths would be a tenth of a report. */
const scaleOf = ({ scale, domain, linearTo = 1 }: Axis) => {
  const common = { domain: [...domain], nice: false, round: true };
  if (scale === 'log') return { ...common, type: 'log' as const };
  if (scale === 'symlog') return { ...common, type: 'symlog' as const, constant: linearTo };
  return { ...common, type: 'linear' as const, zero: false };
};

export const quantitative = (field: string, axis: Axis) => ({
  field,
  type: 'quantitative' as const,
  scale: scaleOf(axis),
});

export const ticks = (axis: Axis) => {
  const values = ticksOf(axis);
  const written = axis.names ? namesExpr(axis.names) : labelExpr(axis.labels);
  return { labelExpr: written, ...(values ? { values } : { tickCount: 5 }) };
};

export const colours = (pollers: readonly PollerId[]) => ({
  field: 'poller',
  type: 'nominal' as const,
  scale: { domain: [...pollers], range: pollers.map(colourOf) },
  legend: null,
});

export const shapes = (pollers: readonly PollerId[]) => ({
  field: 'poller',
  type: 'nominal' as const,
  scale: { domain: [...pollers], range: pollers.map(shapeOf) },
  legend: null,
});

/** Filled for our own series, hollow for the one beside it. */
export const symbol = (ours: boolean) => ({
  type: 'point' as const,
  size: 46,
  opacity: 1,
  strokeWidth: ours ? 0.75 : 1.5,
  ...(ours ? { filled: true, stroke: 'var(--paper)' } : { fill: 'var(--paper)' }),
});

import type { Effect } from '../results/run-schema.js';

/** How figures of this run read inside an explanation. */

export function ns({ value }: Pick<Effect, 'value'>): string {
  if (value < 1000) return `${value.toFixed(0)} ns`;
  return value < 1e6 ? `${(value / 1000).toFixed(1)} us` : `${(value / 1e6).toFixed(2)} ms`;
}

/** Books that were read too coarsely may say less than nothing. */
export function bytes(count: number): string {
  if (count < 0) return 'an amount that is not resolved';
  return count < 10_000 ? `${Math.round(count)} bytes` : `${(count / 1024).toFixed(1)} KiB`;
}

export const times = (ratio: number): string => (ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0));

import type { Run } from './run-schema.js';

/**
 * How much two identical pollers differ in a run, as a relative difference (0.02: 2 %): the root mean square over all pairs of
 * them; null where none were compared.
 */
export const noiseFloor = ({ noise: { aaRatio } }: Pick<Run, 'noise'>): number | null =>
  aaRatio === null ? null : Math.expm1(Math.abs(Math.log(aaRatio.value)));

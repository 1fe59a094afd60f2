import type { Run } from './run-schema.js';

/**
 * How much two identical pollers differed in a run, as a relative difference (0.02: 2 %); null where none were compared.
 * `aaRatio` is the pair that differed most.
 */
export const noiseFloor = ({ noise: { aaRatio } }: Pick<Run, 'noise'>): number | null =>
  aaRatio === null ? null : Math.expm1(Math.abs(Math.log(aaRatio.value)));

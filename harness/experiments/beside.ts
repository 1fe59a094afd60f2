import { type PollerName, usualPollers } from '../../pollers/manifest.js';
import type { PlanContext } from './experiment.js';

/**
 * Those of these pollers that are measured although nobody asked for them, because claims compare them with the usual ones: where
 * all of those were asked for, in the profiles that have the time, as far as they run here.
 */
export const beside = (
  { profile, pollers, probe }: Pick<PlanContext, 'profile' | 'pollers' | 'probe'>,
  names: readonly PollerName[],
): PollerName[] =>
  profile === 'quick' || !usualPollers.every((name) => pollers.includes(name))
    ? []
    : names.filter((name) => probe.pollers[name] !== undefined && !pollers.includes(name));

import type { PollerName } from '../../pollers/manifest.js';
import type { PlanContext } from './experiment.js';

/**
 * The pollers that are asked for, of those that make the same call in the same way only the one that takes the fewest fds, or
 * the most: where both can watch what is asked, one says what the other would. What nobody knows the call of stays.
 */
export function onePerCall(
  { pollers, probe }: Pick<PlanContext, 'pollers' | 'probe'>,
  keep: 'narrowest' | 'widest',
): PollerName[] {
  const sign = keep === 'narrowest' ? 1 : -1;
  return pollers.filter((name) => {
    const facts = probe.pollers[name];
    if (!facts || facts.call === null) return true;
    return !pollers.some((other) => {
      const others = probe.pollers[other];
      return (
        others !== undefined &&
        others.call === facts.call &&
        others.trigger === facts.trigger &&
        sign * (others.maxFd - facts.maxFd) < 0
      );
    });
  });
}

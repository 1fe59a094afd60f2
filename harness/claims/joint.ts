import type { Effect } from '../results/run-schema.js';
import { type Judged, judgeAll, moreRounds, positionOf, straddling, type Undecided } from './claim.js';
import type { Evidence } from './evidence.js';

/**
 * Where any one of several effects may bring a verdict about, the chances of all of them to do so by mistake add up: two that lie at
 * their limits, each of which errs to one side, do about as often as one interval misses, three and more do more often. There
 * an effect therefore lies beyond its limit where its *joint* interval does: one of so many that all hold at once as surely as one
 * does elsewhere. What all effects together bring about is no more often false than by one of them (an intersection-union test:
 * Berger 1982): there each has its own interval.
 */

/** Of effects of which any one decides by lying beyond its limit. */
export interface Beyond {
  /** How many effects these are. */
  readonly of: number;
  /** Those that do by their joint intervals, with these. */
  readonly together: readonly Effect[];
  /** Those that only do by their own. */
  readonly alone: readonly Effect[];
}

/** @param again the same effects of the evidence that has their joint intervals, in the same order */
export function beyondLimits(
  evidence: Evidence,
  effects: readonly Judged[],
  again: (joint: Evidence) => readonly Judged[],
  isBeyond = (effect: Judged): boolean => positionOf(effect, effect.limits) === 'outside',
): Beyond {
  const of = effects.length;
  if (!effects.some(isBeyond)) return { of, together: [], alone: [] };
  const joint = again(evidence.jointly(of));
  const isTogether = (index: number) => isBeyond(joint[index] as Judged);
  return {
    of,
    together: joint.filter((_, index) => isTogether(index)),
    alone: effects.filter((effect, index) => isBeyond(effect) && !isTogether(index)),
  };
}

/** As `judgeAll`, where any one decides: all effects inside hold by their own intervals, one outside fails by its joint one. */
export function judgeJointly(
  effects: readonly Judged[],
  beyond: Beyond,
): { verdict: 'holds' | 'fails' } | Undecided {
  if (beyond.together.length > 0) return { verdict: 'fails' };
  if (beyond.alone.length === 0) return judgeAll(effects);
  const astride = effects.filter((effect) => positionOf(effect, effect.limits) === 'astride');
  const why = astride.length > 0 ? [straddling(astride)] : [];
  return moreRounds([...why, onlyAlone(beyond)].join('; '), [...astride, ...beyond.alone]);
}

/** Why what lies beyond a limit by its own interval does not decide. */
export function onlyAlone({ alone, of }: Beyond): string {
  const names = alone.map(({ name }) => name).join(' and ');
  const [lie, their] = alone.length === 1 ? ['lies', 'its own interval'] : ['lie', 'their own intervals'];
  return `${names} ${lie} beyond a limit by ${their}, but not by intervals that hold for all ${of} at once, any of which would decide`;
}

/** The most that an explanation names. */
const MOST_TOLD = 3;

/** By which intervals any one of several decided, which are not the published ones; to be added to an explanation. */
export function byJoint({ together, of }: Beyond): string {
  if (together.length === 0) return '';
  const names = together.slice(0, MOST_TOLD).map(({ name }) => name);
  const others = together.length > MOST_TOLD ? ' and others' : '';
  return (
    ` Any of ${of} figures would decide it; what did, of ${names.join(', ')}${others}, are intervals that hold for all ${of} at once, ` +
    'wider than the published ones.'
  );
}

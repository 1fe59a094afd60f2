import {
  type PollerFacts,
  type TurnConditions,
  USUAL_CONDITIONS,
  wakesIn,
} from '../processes/turn-probe/protocol.js';
import { BATCH_MS, SLEPT_BATCH_MS } from './batch-session.js';

/** How long visits of the turn probe take, for plans. */

/** What sending a message and reading it takes, and emptying the caches. */
const MESSAGE_NS = 7500;
const EVICTION_NS = 5e6;
/** What going to sleep and waking up takes, and each fd that is asked before and after. */
const SLEEPING_NS = 15_000;
const SLEPT_NS_PER_FD = 300;
/** Of the time between two wake-ups; a turn that takes more finds the next one there, now and then, and does not sleep. */
const MOST_AWAKE = 0.7;

/** A rough idea of one visit; a microsecond to register each fd. */
export function secondsOf(point: TurnConditions, facts: PollerFacts, series: number): number {
  const conditions = { ...USUAL_CONDITIONS, ...point };
  const { watched, ready, timeout, wakesPerSecond, life, temperature, instance, churnPer100 } = conditions;
  if (timeout === 'slept') {
    return wakesIn(SLEPT_BATCH_MS, wakesPerSecond) / wakesPerSecond + (0.5e6 + watched * 1000) / 1e9;
  }
  const turnNs = turnNsOf(point, facts);
  const registeringNs = 0.05e6 + watched * 1000;
  const scanningNs = 0.1e6;
  if (temperature === 'cold')
    return (series * 3 * (EVICTION_NS + 5 * turnNs) + registeringNs + scanningNs) / 1e9;
  if (life !== 'standing') {
    const cycleNs = turnNs + ready * MESSAGE_NS;
    const cycles = Math.ceil((BATCH_MS * 1.1e6) / cycleNs);
    const made = Math.max(Math.ceil(cycles / 10), Math.min(cycles, 3)) + cycles + Math.ceil(cycles / 2);
    const scenes = churnPer100 > 0 ? series : 1;
    return (series * made * cycleNs + scenes * (registeringNs + 2 * cycleNs) + scanningNs) / 1e9;
  }
  const leadIn = watched > 4000 ? 10 : 3;
  const scenes = churnPer100 > 0 || instance === 'fresh' ? series : 1;
  const batchNs = Math.max(BATCH_MS * 1.15e6, turnNs * (leadIn + 2));
  return (series * batchNs + scenes * registeringNs + scanningNs) / 1e9;
}

/** Whether turns that sleep can be woken so often: what a turn takes leaves some of the time between two wake-ups. */
export const leavesTimeToSleep = (
  { watched, wakesPerSecond }: Pick<TurnConditions, 'watched' | 'wakesPerSecond'>,
  { scansAll }: PollerFacts,
): boolean => SLEEPING_NS + (scansAll ? SLEPT_NS_PER_FD * watched : 0) < (MOST_AWAKE * 1e9) / wakesPerSecond;

/** What a turn costs: by the watched fd for those who look at each, else by the ready one. */
function turnNsOf({ watched, ready, timeout }: TurnConditions, { scansAll }: PollerFacts): number {
  return 500 + (scansAll ? (timeout === 'zero' ? 80 : 200) * watched : 140 * ready);
}

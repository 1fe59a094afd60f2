import type { Run } from '../results/run-schema.js';
import { sharesTold } from '../statistics/least-squares.js';
import { randomFrom, seedFrom, shuffled } from '../statistics/random.js';
import { type Observation, observationsOf } from './observations.js';
import { type PollerId, TERMS, type Turn, termsOf, workOf } from './terms.js';

/** Which cells of a run a model is fitted to and which it is tried on, chosen by the seed before anything is looked at. */
export interface Split {
  readonly fitted: readonly Observation[];
  readonly heldOut: readonly Observation[];
  /** Values of N that are kept from the fit whole, those that are nearly one together; and the experiment that is. */
  readonly counts: readonly number[];
  readonly experiment: string | null;
}

/** Figures are nearly the same that differ by no more than this. */
const NEARLY = 0.15;
/** So many registrations more or less in a turn are nearly none. */
const NEARLY_NO_CHURN = 0.05;
/** Of the groups of values of N, one in so many is held out; and so many at least. */
const ONE_IN = 5;
const LEAST_GROUPS = 3;
/** What the rest tells of a term, of what all cells tell of it. */
const LEAST_LEFT = 0.5;
/** An experiment on which the model has less to say is no trial of it. */
const LEAST_TRIED = 5;

/**
 * Keeps one whole experiment and whole values of N from the fit, and with them every turn that is nearly one of theirs. They
 * are drawn among those without which the rest still tells every term of the model about as well, values of N between the least and the most:
 * that is asked of the conditions of the cells, never of what they cost. What was kept is tried as far as the rest covers it:
 * beyond that a prediction is an extrapolation and says so.
 */
export function splitOf(run: Pick<Run, 'cells' | 'seed'>, poller: PollerId): Split {
  const all = observationsOf(run, poller);
  const random = randomFrom(seedFrom(run.seed, 'held out', poller));
  const told = termsTold(all, poller);
  const restOf = (out: readonly Observation[]) => all.filter((one) => !out.includes(one));
  const isSpared = (out: readonly Observation[]) => {
    const without = termsTold(restOf(out), poller);
    return told.every((share, term) => (without[term] ?? 0) >= LEAST_LEFT * share);
  };
  const twinsOf = (some: readonly Observation[]) =>
    all.filter((one) => some.some((other) => isNearly(one.turn, other.turn)));
  const tried = (out: readonly Observation[]) => {
    const rest = restOf(out);
    return out.filter(({ turn }) => isCovered(turn, rest));
  };

  const names = shuffled([...new Set(all.map(({ experiment }) => experiment))], random);
  const kept = names
    .map((experiment) => ({ experiment, out: twinsOf(all.filter((one) => one.experiment === experiment)) }))
    .find(({ out }) => isSpared(out) && tried(out).length >= LEAST_TRIED);
  let out: readonly Observation[] = kept?.out ?? [];
  const groups = nearlyEqual(all.map(({ turn }) => turn.watched));
  const wanted = Math.max(LEAST_GROUPS, Math.floor(groups.length / ONE_IN));
  const counts: (readonly number[])[] = [];
  for (const group of shuffled(groups.slice(1, -1), random)) {
    const more = [...new Set([...out, ...twinsOf(all.filter(({ turn }) => group.includes(turn.watched)))])];
    if (counts.length === wanted || !isSpared(more)) continue;
    out = more;
    counts.push(group);
  }
  return {
    fitted: restOf(out),
    heldOut: tried(out),
    counts: counts.flat().sort((a, b) => a - b),
    experiment: kept?.experiment ?? null,
  };
}

/** How well these cells tell each term of the model from all others, where costs go by how much a turn has to do. */
function termsTold(observations: readonly Observation[], poller: PollerId): number[] {
  const names = termsOf(poller);
  return sharesTold(
    observations.map(({ turn }) => names.map((name) => TERMS[name].of(turn) / workOf(turn, poller))),
  );
}

/** Whether some cell has as much of everything. Turns that sleep are covered by such, at rates on both sides. */
export function isCovered(turn: Turn, by: readonly Observation[]): boolean {
  const alike = by
    .map((one) => one.turn)
    .filter(({ timeout }) => (timeout === 'slept') === (turn.timeout === 'slept'));
  const rates = alike.map(({ wakesPerSecond }) => wakesPerSecond);
  return (
    turn.wakesPerSecond >= Math.min(...rates) &&
    turn.wakesPerSecond <= Math.max(...rates) &&
    alike.some(
      ({ watched, ready, churn, highestFd }) =>
        watched >= turn.watched && ready >= turn.ready && churn >= turn.churn && highestFd >= turn.highestFd,
    )
  );
}

const areNearly = (a: number, b: number): boolean => Math.abs(a - b) <= NEARLY * Math.max(a, b);

const isNearly = (a: Turn, b: Turn): boolean =>
  a.timeout === b.timeout &&
  areNearly(a.watched, b.watched) &&
  areNearly(a.ready, b.ready) &&
  areNearly(a.highestFd, b.highestFd) &&
  areNearly(a.wakesPerSecond, b.wakesPerSecond) &&
  Math.abs(a.churn - b.churn) <= NEARLY_NO_CHURN;

/** The values, in groups whose neighbours are nearly the same. */
function nearlyEqual(values: readonly number[]): number[][] {
  const groups: number[][] = [];
  for (const value of [...new Set(values)].sort((a, b) => a - b)) {
    const last = groups.at(-1);
    if (last && areNearly(last.at(-1) as number, value)) last.push(value);
    else groups.push([value]);
  }
  return groups;
}

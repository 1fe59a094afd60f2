import { manifest } from '../../pollers/manifest.js';
import type { Cell } from '../results/run-schema.js';

/** The first number that experiments give to a watched fd; those below are Node's. */
const FIRST_FD = 32;
/** Up to so many bits select's bitmaps lie on the kernel's stack; above, they come from kvmalloc. fs/select.c */
const STACK_BITS = 320;
/** What a blocked call has room for on the stack, and in each page after that. fs/select.c, include/linux/poll.h */
const INLINE_ENTRIES = 9;
const ENTRIES_PER_PAGE = 63;
const WORD_BITS = 64;
/**
 * A scan touches about 2 KiB for each socket, and sockets that send and receive in turn 7.5 KiB for each connection: so many fit
 * a cache of the first level of 32 KiB. Beside one of the second level of 1 MiB idle turns grow dearer from about 500 fds on, beside
 * one of 2 MiB from 700. Whole numbers that were fixed, not fitted: with other caches the coefficients beside them take what they can.
 */
const SCANNED_IN_FIRST_LEVEL = 16;
const SCANNED_IN_SECOND_LEVEL = 600;
const ACTIVE_IN_FIRST_LEVEL = 4;
const ACTIVE_IN_SECOND_LEVEL = 200;
/**
 * An idle CPU looks for work for a while before it halts, in a guest and for it in its host: a thread that is woken by then finds the
 * caches much as it left them. Both begin with 0.05 ms or less and make it longer as long as that pays. drivers/cpuidle/governors/haltpoll.c,
 * virt/kvm/kvm_main.c
 */
const HALTS_AFTER_MS = 0.1;

export type PollerId = Cell['poller'];
export type Timeout = 'zero' | 'finite' | 'infinite' | 'slept';

/** How often a turn that sleeps is woken, where nobody says. */
export const USUAL_WAKES_PER_SECOND = 500;

/** What a turn's cost depends on. */
export interface Turn {
  readonly watched: number;
  readonly ready: number;
  /** Registrations replaced in each turn, on average. */
  readonly churn: number;
  readonly timeout: Timeout;
  /** Watched fds before the first ready one in the order of the scan, on average. */
  readonly beforeReady: number;
  readonly highestFd: number;
  /** How often a second it is woken; 0 unless it sleeps. */
  readonly wakesPerSecond: number;
}

/** Watched fds before the first of `ready` ones that lie anywhere among them. */
export const meanBeforeReady = (watched: number, ready: number): number =>
  ready === 0 ? watched : (watched - ready) / (ready + 1);

export const highestFdOf = (watched: number): number => FIRST_FD + watched - 1;

/** One term of the model: what is counted, and in which words. Coefficients are ns per unit of it. */
export interface Term {
  readonly inWords: string;
  /**
   * Only for calls that this is true of: they hand bitmaps to the kernel; ask every fd in each turn; queue on it, too, in a call
   * that may block; or are handed what is ready, and look at nothing else.
   */
  readonly only?: 'bitmaps' | 'asking' | 'queueing' | 'handed';
  of(turn: Turn): number;
}

/** The entries of the wait table that a call fills before it finds something ready, if it may block at all. */
const queued = ({ timeout, ready, beforeReady }: Turn): number =>
  timeout === 'zero' || timeout === 'slept' || ready === 0 ? 0 : beforeReady;

const isOn = (condition: boolean): number => (condition ? 1 : 0);
const beyond = (count: number, most: number): number => Math.max(0, count - most);

/** Of the sockets that are active in turn, the share that a cache does not hold. */
const shareOut = ({ watched }: Turn, held = ACTIVE_IN_SECOND_LEVEL): number =>
  beyond(watched, held) / watched;

/** Ready fds of a turn that finds them at once: one that slept is woken by one, and says so by `c8`. */
const found = ({ timeout, ready }: Turn): number => (timeout === 'slept' ? 0 : ready);
const msAsleep = ({ timeout, wakesPerSecond }: Turn): number =>
  timeout === 'slept' && wakesPerSecond > 0 ? 1000 / wakesPerSecond : 0;

/**
 * T = c0 + c1 words + c2 watched + c3 ready + c3' [ready > 0] + c4 queued + c5 churn + c6 [finite] + c7 pages + slept (c8 + c9
 * watched), the step of select's bitmaps from the stack to kvmalloc (c10), what a longer sleep makes colder (c11, c12), and what
 * does not fit the caches (c13 on): what a message touches drives out what the first level held of a scan (c13), and brings back
 * of a socket only what sending touches, not its file (c19).
 */
export const TERMS = {
  c0: { inWords: 'the call itself', of: () => 1 },
  c1: {
    inWords: 'words of the bitmaps',
    only: 'bitmaps',
    of: ({ highestFd }) => Math.ceil((highestFd + 1) / WORD_BITS),
  },
  c2: { inWords: 'each watched fd', only: 'asking', of: ({ watched }) => watched },
  c3: { inWords: 'each ready fd', of: found },
  "c3'": { inWords: 'anything being ready', of: (turn) => isOn(found(turn) > 0) },
  c4: { inWords: 'each fd queued on before a ready one', only: 'queueing', of: queued },
  c5: { inWords: 'each registration replaced', of: ({ churn }) => churn },
  "c5'": {
    inWords: 'each registration replaced while something is ready',
    of: (turn) => turn.churn * isOn(found(turn) > 0),
  },
  c6: { inWords: 'a finite timeout', of: ({ timeout }) => isOn(timeout === 'finite') },
  c7: {
    inWords: 'pages of wait queue entries',
    only: 'queueing',
    of: (turn) => Math.ceil(Math.max(0, queued(turn) - INLINE_ENTRIES) / ENTRIES_PER_PAGE),
  },
  c8: { inWords: 'going to sleep and waking up', of: ({ timeout }) => isOn(timeout === 'slept') },
  c9: {
    inWords: 'each fd queued on and asked again after a sleep',
    only: 'queueing',
    of: ({ timeout, watched }) => isOn(timeout === 'slept') * watched,
  },
  c10: {
    inWords: 'bitmaps too large for the stack',
    only: 'bitmaps',
    of: ({ highestFd }) => isOn(highestFd >= STACK_BITS),
  },
  c11: { inWords: 'each millisecond asleep', of: msAsleep },
  c12: {
    inWords: 'each fd asked again, for each millisecond asleep',
    only: 'queueing',
    of: (turn) => msAsleep(turn) * turn.watched,
  },
  c13: {
    inWords: 'each fd that the first level of cache does not hold: of none where messages came in between',
    only: 'queueing',
    of: (turn) => beyond(turn.watched, found(turn) > 0 ? 0 : SCANNED_IN_FIRST_LEVEL),
  },
  c14: {
    inWords: 'each fd beyond what the second level of cache holds',
    only: 'queueing',
    of: ({ watched }) => beyond(watched, SCANNED_IN_SECOND_LEVEL),
  },
  c15: {
    inWords: 'each fd queued on that has left the second level of cache',
    only: 'queueing',
    of: (turn) => queued(turn) * (beyond(turn.watched, SCANNED_IN_SECOND_LEVEL) / turn.watched),
  },
  c16: {
    inWords: 'fds that the messages of a turn drive out of the cache',
    only: 'queueing',
    of: (turn) => Math.sqrt(found(turn)) * beyond(turn.watched, ACTIVE_IN_SECOND_LEVEL),
  },
  c17: {
    inWords: 'each ready fd, the more of them the more has left the cache',
    only: 'handed',
    of: (turn) => found(turn) * Math.sqrt(found(turn) / ACTIVE_IN_SECOND_LEVEL) * shareOut(turn),
  },
  c18: {
    inWords: 'each registration replaced whose socket has left the cache',
    only: 'handed',
    of: (turn) => turn.churn * shareOut(turn),
  },
  c19: {
    inWords: 'each ready fd of whose socket the message brought but a part back into the cache',
    of: (turn) => found(turn) * shareOut(turn),
  },
  c20: {
    inWords: 'each fd asked again after a sleep that has left the second level of cache',
    only: 'queueing',
    of: ({ timeout, watched }) => isOn(timeout === 'slept') * beyond(watched, SCANNED_IN_SECOND_LEVEL),
  },
  c21: { inWords: 'a sleep so long that the CPU halts', of: (turn) => isOn(msAsleep(turn) > HALTS_AFTER_MS) },
  // epoll keeps them in a tree. fs/eventpoll.c
  c22: {
    inWords: 'each registration replaced, for each doubling of the watched fds',
    only: 'handed',
    of: ({ churn, watched }) => churn * Math.log2(watched),
  },
  c23: {
    inWords: 'each registration replaced now and then, whose code has left the cache',
    only: 'handed',
    of: (turn) => isOn(turn.churn < 1) * turn.churn * shareOut(turn),
  },
  c24: {
    inWords: 'each ready fd whose socket has left the first level of cache',
    only: 'handed',
    of: (turn) => found(turn) * shareOut(turn, ACTIVE_IN_FIRST_LEVEL),
  },
} as const satisfies Record<string, Term>;

export type TermName = keyof typeof TERMS;

const ONLY: Readonly<Record<NonNullable<Term['only']>, ReadonlySet<string>>> = {
  bitmaps: new Set(['select']),
  asking: new Set(['select', 'poll', 'poll-each']),
  queueing: new Set(['select', 'poll']),
  handed: new Set(['epoll', 'io_uring']),
};

/** Roughly what a turn has to do, in scans of an fd: a scan for each that a call asks, three for each that is ready, and so on. */
export function workOf({ watched, ready, churn, timeout }: Turn, poller: PollerId): number {
  const call = manifest[poller]?.call ?? undefined;
  const scanned = call !== undefined && ONLY.handed.has(call) ? 0 : watched;
  return (
    CALLING + scanned + 3 * (ready + isOn(ready > 0)) + 20 * churn + (timeout === 'slept' ? SLEEPING : 0)
  );
}
const CALLING = 4;
const SLEEPING = 300;

/** The terms that can stand in a poller's model: all of them where nobody knows what it waits with, and the cells decide. */
export function termsOf(poller: PollerId): TermName[] {
  const call = manifest[poller]?.call ?? undefined;
  return (Object.keys(TERMS) as TermName[]).filter((name) => {
    const { only }: Term = TERMS[name];
    return only === undefined || call === undefined || ONLY[only].has(call);
  });
}

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

export type PollerId = Cell['poller'];
export type Timeout = 'zero' | 'finite' | 'infinite' | 'slept';

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
}

/** Watched fds before the first of `ready` ones that lie anywhere among them. */
export const meanBeforeReady = (watched: number, ready: number): number =>
  ready === 0 ? watched : (watched - ready) / (ready + 1);

export const highestFdOf = (watched: number): number => FIRST_FD + watched - 1;

/** One term of the model: what is counted, and in which words. Coefficients are ns per unit of it. */
export interface Term {
  readonly inWords: string;
  /** Only for calls that this is true of: they hand bitmaps to the kernel, or queue on every fd in each call that may block. */
  readonly only?: 'bitmaps' | 'queueing';
  of(turn: Turn): number;
}

/** The entries of the wait table that a call fills before it finds something ready, if it may block at all. */
const queued = ({ timeout, ready, beforeReady }: Turn): number =>
  timeout === 'zero' || timeout === 'slept' || ready === 0 ? 0 : beforeReady;

const isOn = (condition: boolean): number => (condition ? 1 : 0);

/**
 * T = c0 + c1 words + c2 watched + c3 ready + c3' [ready > 0] + c4 queued + c5 churn + c6 [finite] + c7 pages + slept (c8 + c9
 * watched), and the step of select's bitmaps from the stack to kvmalloc.
 */
export const TERMS = {
  c0: { inWords: 'the call itself', of: () => 1 },
  c1: {
    inWords: 'words of the bitmaps',
    only: 'bitmaps',
    of: ({ highestFd }) => Math.ceil((highestFd + 1) / WORD_BITS),
  },
  c2: { inWords: 'each watched fd', of: ({ watched }) => watched },
  c3: { inWords: 'each ready fd', of: ({ ready }) => ready },
  "c3'": { inWords: 'anything being ready', of: ({ ready }) => isOn(ready > 0) },
  c4: { inWords: 'each fd queued on before a ready one', only: 'queueing', of: queued },
  c5: { inWords: 'each registration replaced', of: ({ churn }) => churn },
  c6: { inWords: 'a finite timeout', of: ({ timeout }) => isOn(timeout === 'finite') },
  c7: {
    inWords: 'pages of wait queue entries',
    only: 'queueing',
    of: (turn) => Math.ceil(Math.max(0, queued(turn) - INLINE_ENTRIES) / ENTRIES_PER_PAGE),
  },
  c8: { inWords: 'going to sleep and waking up', of: ({ timeout }) => isOn(timeout === 'slept') },
  c9: {
    inWords: 'each fd queued on and asked again after a sleep',
    of: ({ timeout, watched }) => isOn(timeout === 'slept') * watched,
  },
  c10: {
    inWords: 'bitmaps too large for the stack',
    only: 'bitmaps',
    of: ({ highestFd }) => isOn(highestFd >= STACK_BITS),
  },
} as const satisfies Record<string, Term>;

export type TermName = keyof typeof TERMS;

const ONLY: Readonly<Record<NonNullable<Term['only']>, ReadonlySet<string>>> = {
  bitmaps: new Set(['select']),
  queueing: new Set(['select', 'poll']),
};

/** The terms that can stand in a poller's model: all of them where nobody knows what it waits with, and the cells decide. */
export function termsOf(poller: PollerId): TermName[] {
  const call = manifest[poller]?.call ?? undefined;
  return (Object.keys(TERMS) as TermName[]).filter((name) => {
    const { only }: Term = TERMS[name];
    return only === undefined || call === undefined || ONLY[only].has(call);
  });
}

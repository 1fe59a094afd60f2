import { check, declare } from '../call.js';
import { isOpen } from '../descriptors.js';
import { allocate } from '../memory.js';
import { RLIMIT_NOFILE } from './numbers.js';

export { endProcessIn, ignoreInterrupts } from '../signals.js';

const getrlimit = declare<(resource: number, limits: number) => number>('int getrlimit(int, void *)');
const setrlimit = declare<(resource: number, limits: number) => number>('int setrlimit(int, void *)');

const scratch = allocate(16);
const words = new BigUint64Array(scratch.buffer);

/** How many fds this process may hold: now, and at most after raising the soft limit. */
export function fdLimit(): { soft: number; hard: number } {
  check(getrlimit(RLIMIT_NOFILE, scratch.address), 'getrlimit');
  const atMost = (limit: bigint) => (limit > 2n ** 31n ? 2 ** 31 : Number(limit));
  return { soft: atMost(words[0] as bigint), hard: atMost(words[1] as bigint) };
}

/** Sets the soft limit of fds; those above it that are open stay open. @throws SyscallError EINVAL above the hard limit */
export function setSoftFdLimit(soft: number): void {
  check(getrlimit(RLIMIT_NOFILE, scratch.address), 'getrlimit');
  words[0] = BigInt(soft);
  check(setrlimit(RLIMIT_NOFILE, scratch.address), 'setrlimit');
}

/** Node opens files at the lowest free numbers. */
const MOST_LOOKED_AT = 4096;

/** The fds that are open here. There is no folder of them that every BSD has: each number is tried. */
export const openFds = (): number[] =>
  Array.from({ length: Math.min(fdLimit().soft, MOST_LOOKED_AT) }, (_, fd) => fd).filter(isOpen);

/** There is no such order: a child whose parent is gone ends when it next reads what it is asked. */
export function dieWithParent(): void {}

const getrusage = declare<(who: number, usage: number) => number>('int getrusage(int, void *)');
const RUSAGE_SELF = 0;
/** `struct rusage`: two timevals, then fourteen longs. */
const RUSAGE_BYTES = 144;
const INVOLUNTARY_SWITCHES_WORD = 17;

const usage = allocate(RUSAGE_BYTES);
const usageWords = new BigInt64Array(usage.buffer);

/** How often a thread of this process had to give up its CPU although it wanted to go on: macOS counts no single one's. */
export function involuntarySwitches(): number {
  check(getrusage(RUSAGE_SELF, usage.address), 'getrusage');
  return Number(usageWords[INVOLUNTARY_SWITCHES_WORD]);
}

const absent = (what: string) => (): never => {
  throw new Error(`${process.platform} ${what}`);
};

export const pinThread: (cpu: number) => void = absent('has no way to keep a thread on one CPU');
export const runBeforeOthers: (thread?: number) => () => void = absent(
  'is asked for no rank of a thread here',
);
export const runInShortSlices: (thread?: number) => (() => void) | null = runBeforeOthers;
export const unshareFileTable: () => void = absent('has no unshare(2)');
export const startSleepingThread: () => { end(): void } = unshareFileTable as () => never;

import { check, declare } from '../call.js';
import { allocate } from '../memory.js';
import { NUMBERS, RLIMIT_NOFILE } from './numbers.js';

const getrlimit = declare<(resource: number, limits: number) => number>('int getrlimit(int, void *)');
const alarm = declare<(seconds: number) => number>('unsigned int alarm(unsigned int)');
const clockGettime = declare<(clock: number, timespec: number) => number>('int clock_gettime(int, void *)');

const scratch = allocate(16);
const words = new BigUint64Array(scratch.buffer);

/** How many fds this process may hold: now, and at most after raising the soft limit. */
export function fdLimit(): { soft: number; hard: number } {
  check(getrlimit(RLIMIT_NOFILE, scratch.address), 'getrlimit');
  const atMost = (limit: bigint) => (limit > 2n ** 31n ? 2 ** 31 : Number(limit));
  return { soft: atMost(words[0] as bigint), hard: atMost(words[1] as bigint) };
}

/** SIGALRM ends this process in so many seconds, even inside a system call that blocks; 0 calls it off. */
export function endProcessIn(seconds: number): void {
  alarm(seconds);
}

/** Monotonic wall clock in ns. */
export function monotonicNs(): number {
  check(clockGettime(NUMBERS.clockMonotonic, scratch.address), 'clock_gettime');
  return Number(words[0]) * 1e9 + Number(words[1]);
}

const setrlimit = declare<(resource: number, limits: number) => number>('int setrlimit(int, void *)');

/** Sets the soft limit of fds; those above it that are open stay open. @throws SyscallError EINVAL above the hard limit */
export function setSoftFdLimit(soft: number): void {
  check(getrlimit(RLIMIT_NOFILE, scratch.address), 'getrlimit');
  words[0] = BigInt(soft);
  check(setrlimit(RLIMIT_NOFILE, scratch.address), 'setrlimit');
}

import { check, declare } from '../call.js';
import { allocate } from '../memory.js';

const clockGettime = declare<(clock: number, timespec: number) => number>('int clock_gettime(int, void *)');
const CLOCK_MONOTONIC = 1;
const CLOCK_THREAD_CPUTIME_ID = 3;

const timespec = allocate(16);
const words = new Uint32Array(timespec.buffer);

function read(clock: number): number {
  check(clockGettime(clock, timespec.address), 'clock_gettime');
  return ((words[1] as number) * 2 ** 32 + (words[0] as number)) * 1e9 + (words[2] as number);
}

/** CPU time of the calling thread in ns, user and system. A system call of about 0.5 us: only around batches. */
export const threadCpuNs = (): number => read(CLOCK_THREAD_CPUTIME_ID);

/** Monotonic wall clock in ns. */
export const monotonicNs = (): number => read(CLOCK_MONOTONIC);

const clockNanosleep = declare<(clock: number, flags: number, until: number, left: number) => number>(
  'int clock_nanosleep(int, int, void *, void *)',
);
const TIMER_ABSTIME = 1;

/** Blocks the thread until the monotonic clock shows this time, or a signal handler ran. */
export function sleepUntilNs(ns: number): void {
  const seconds = Math.floor(ns / 1e9);
  words[0] = seconds;
  words[1] = seconds / 2 ** 32;
  words[2] = ns - seconds * 1e9;
  words[3] = 0;
  clockNanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, timespec.address, 0);
}

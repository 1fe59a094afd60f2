import { check, declare } from '../call.js';
import { allocate } from '../memory.js';
import { NUMBERS } from './numbers.js';

const clockGettime = declare<(clock: number, timespec: number) => number>('int clock_gettime(int, void *)');
const nanosleep = declare<(timespec: number, left: number) => number>('int nanosleep(void *, void *)');

/** `struct timespec`: two 64-bit longs. */
const timespec = allocate(16);
const words = new Uint32Array(timespec.buffer);

function read(clock: number): number {
  check(clockGettime(clock, timespec.address), 'clock_gettime');
  return ((words[1] as number) * 2 ** 32 + (words[0] as number)) * 1e9 + (words[2] as number);
}

/** CPU time of the calling thread in ns, user and system. */
export const threadCpuNs = (): number => read(NUMBERS.clockThreadCpu);

/** Monotonic wall clock in ns. */
export const monotonicNs = (): number => read(NUMBERS.clockMonotonic);

/** Blocks the thread until the monotonic clock shows this time, or a signal handler ran. macOS sleeps for a while only. */
export function sleepUntilNs(ns: number): void {
  const left = Math.max(0, ns - monotonicNs());
  const seconds = Math.floor(left / 1e9);
  words.set([seconds, 0, left - seconds * 1e9, 0]);
  nanosleep(timespec.address, 0);
}

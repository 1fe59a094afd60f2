import { check, declare } from '../call.js';
import { allocate } from '../memory.js';

const timerfdCreate = declare<(clock: number, flags: number) => number>('int timerfd_create(int, int)');
const timerfdSettime = declare<(fd: number, flags: number, value: number, old: number) => number>(
  'int timerfd_settime(int, int, intptr_t, intptr_t)',
);

const CLOCK_MONOTONIC = 1;
const TFD_NONBLOCK = 0o4000;
const TFD_CLOEXEC = 0o2000000;
const TFD_TIMER_ABSTIME = 1;

/** `struct itimerspec`: the interval, which stays zero, then the value; each two longs, seconds and nanoseconds. */
const ITIMERSPEC_BYTES = 32;
const VALUE_WORD = 4;
const itimerspec = allocate(ITIMERSPEC_BYTES);
const words = new Uint32Array(itimerspec.buffer);

/** A non-blocking timer on the monotonic clock that is not set. It turns readable when it is due, and stays so. */
export const createTimerfd = (): number =>
  check(timerfdCreate(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), 'timerfd_create');

/**
 * Sets when the timer is due, in ns of the monotonic clock; null: never. A time that has passed is due at once. Whatever
 * it was set to before is forgotten, also that it was due: nobody has to read it.
 */
export function setTimerfd(fd: number, ns: number | null): void {
  // A value of zero would unset the timer.
  const value = ns === null ? 0 : Math.max(1, Math.round(ns));
  const seconds = Math.floor(value / 1e9);
  words[VALUE_WORD] = seconds;
  words[VALUE_WORD + 1] = seconds / 2 ** 32;
  words[VALUE_WORD + 2] = value - seconds * 1e9;
  check(timerfdSettime(fd, TFD_TIMER_ABSTIME, itimerspec.address, 0), 'timerfd_settime', fd);
}

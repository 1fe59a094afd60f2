import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT } from './libc/polling.js';
import { ERROR, type Interest, READ, WRITE } from './poller.js';

/** Interest as the event bits of poll and epoll, which share their numbers. */
export const eventsOf = (interest: Interest): number =>
  (interest & READ ? POLLIN : 0) | (interest & WRITE ? POLLOUT : 0);

const BITS = 6;

/**
 * Interest and event bits of poll and epoll -> readiness, with the meaning that select gives them in the kernel (POLLIN_SET
 * and POLLOUT_SET of fs/select.c): a hang-up is readable, an error is readable and writable.
 */
const READINESS = Uint8Array.from({ length: 4 << BITS }, (_, index) => {
  const interest = index >> BITS;
  let readiness = 0;
  if (index & (POLLIN | POLLHUP | POLLERR)) readiness |= READ;
  if (index & (POLLOUT | POLLERR)) readiness |= WRITE;
  if (index & (POLLERR | POLLNVAL)) readiness |= ERROR;
  return readiness & (interest | ERROR) || ERROR;
});

/**
 * What to report for an fd with these event bits: only what was asked for, and ERROR. A hang-up that nobody asked
 * about is an ERROR too, or it would make every wait return for nothing.
 */
export const readinessOf = (bits: number, interest: number): number =>
  READINESS[(interest << BITS) | (bits & ((1 << BITS) - 1))] as number;

import { threadCpuNs } from '../../../pollers/libc/clock.js';
import { read, write } from '../../../pollers/libc/files.js';
import { type NativeWait, type Poller, READ } from '../../../pollers/poller.js';
import { type ActiveFds, AT, CHURN_AT, CHURN_DUE, INBOX, INBOX_BYTES, UNREAD } from './active-fds.js';
import type { Evictor } from './evictor.js';

/**
 * What is measured. The probe imports this file once per poller and series, under a different query each time, so that
 * every closure has call sites of its own: V8 sees one class of poller in each, as in a program that uses one poller.
 *
 * Each function makes `count` turns and returns how many ready fds were seen in all.
 */

/** Keeps the walk over the ready set from being optimised away. */
export let sink = 0;

/** One turn: wait, then walk what is ready. */
function turn(poller: Poller, timeoutMs: number | null): number {
  const ready = poller.wait(timeoutMs);
  const fds = poller.readyFds;
  const events = poller.readyEvents;
  let sum = 0;
  for (let i = 0; i < ready; i++) sum = (sum + (fds[i] as number) + (events[i] as number)) | 0;
  sink = sum;
  return ready;
}

export function turns(poller: Poller, timeoutMs: number | null, count: number): number {
  let total = 0;
  for (let made = 0; made < count; made++) total += turn(poller, timeoutMs);
  return total;
}

/** What `turns` needs beside the system call and the walk over the ready set: the walk over the call's answer. */
export function scans(native: NativeWait, answered: number, count: number): void {
  for (let scan = 0; scan < count; scan++) sink = native.collect(answered);
}

/** Turns that replace registrations: an fd that is not ready is unregistered and registered again, each in its turn. */
export function churnedTurns(
  poller: Poller,
  timeoutMs: number | null,
  count: number,
  work: ActiveFds,
): number {
  let total = 0;
  for (let made = 0; made < count; made++) {
    churn(poller, work);
    total += turn(poller, timeoutMs);
  }
  return total;
}

function churn(poller: Poller, work: ActiveFds): void {
  const { progress } = work;
  progress[CHURN_DUE] = (progress[CHURN_DUE] as number) + work.churnPer100;
  while ((progress[CHURN_DUE] as number) >= 100) {
    progress[CHURN_DUE] = (progress[CHURN_DUE] as number) - 100;
    const fd = nextReplaced(work);
    poller.unregister(fd);
    poller.register(fd, READ);
  }
}

/** The next fd in turn that is not ready now, while there is any. */
function nextReplaced({ fds, ready, progress }: ActiveFds): number {
  const from = progress[AT] as number;
  let at = progress[CHURN_AT] as number;
  const into = (at - from + fds.length) % fds.length;
  if (into < ready && ready < fds.length) at = (from + ready) % fds.length;
  progress[CHURN_AT] = (at + 1) % fds.length;
  return fds[at] as number;
}

/** Turns of a poller that lives for one of them: it is made, all fds are registered, it waits once, and is closed. */
export function freshTurns(
  create: () => Poller,
  timeoutMs: number | null,
  count: number,
  { fds }: ActiveFds,
): number {
  let total = 0;
  for (let made = 0; made < count; made++) {
    const poller = create();
    for (let i = 0; i < fds.length; i++) poller.register(fds[i] as number, READ);
    total += turn(poller, timeoutMs);
    poller.close();
  }
  return total;
}

/**
 * Whole cycles: the peers of `ready` fds each send a message, one turn, and what it reported is read. This thread is both
 * sides: what a send sets off in the receiver, epoll's callback too, happens within it and in its CPU time, unless the
 * kernel keeps the time of interrupts apart (CONFIG_IRQ_TIME_ACCOUNTING).
 */
export function cycles(poller: Poller, timeoutMs: number | null, count: number, work: ActiveFds): number {
  let total = 0;
  for (let made = 0; made < count; made++) {
    send(work);
    if (work.churnPer100 > 0) churn(poller, work);
    const ready = turn(poller, timeoutMs);
    receive(poller, ready, work);
    total += ready;
  }
  return total;
}

/**
 * The same cycles with the thread's CPU clock read around each turn. What a reading costs where it stands is read
 * beside it, from two readings with nothing in between. Leaves the ns of all turns in `work.turnNs`.
 */
export function bracketedCycles(
  poller: Poller,
  timeoutMs: number | null,
  count: number,
  work: ActiveFds,
): number {
  let total = 0;
  let ns = 0;
  for (let made = 0; made < count; made++) {
    send(work);
    const first = threadCpuNs();
    const before = threadCpuNs();
    if (work.churnPer100 > 0) churn(poller, work);
    const ready = turn(poller, timeoutMs);
    ns += threadCpuNs() - before - (before - first);
    receive(poller, ready, work);
    total += ready;
  }
  work.turnNs[0] = ns;
  return total;
}

/** Turns with cold caches, each bracketed as in `bracketedCycles`. */
export function coldTurns(
  poller: Poller,
  timeoutMs: number | null,
  count: number,
  work: ActiveFds,
  evictor: Evictor,
): number {
  let total = 0;
  let ns = 0;
  for (let made = 0; made < count; made++) {
    evictor.evict();
    const first = threadCpuNs();
    const before = threadCpuNs();
    total += turn(poller, timeoutMs);
    ns += threadCpuNs() - before - (before - first);
  }
  work.turnNs[0] = ns;
  return total;
}

/** The peers of those whose turn it is send a message each. */
export function send({ peers, ready, message, messageBytes, progress }: ActiveFds): void {
  let at = progress[AT] as number;
  for (let i = 0; i < ready; i++) {
    write(peers[at] as number, message, messageBytes);
    if (++at === peers.length) at = 0;
  }
  progress[UNREAD] = (progress[UNREAD] as number) + ready * messageBytes;
}

/**
 * One read each of what was reported, with room for more than there is: a second one would only say so. Behind it a one-shot
 * poller is told to report the fd again, as a loop does behind a handler.
 */
export function receive(poller: Poller, count: number, { fds, ready, rotates, progress }: ActiveFds): void {
  const reported = poller.readyFds;
  const inbox = INBOX.address;
  const isOneshot = poller.capabilities.trigger === 'oneshot';
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const got = read(reported[i] as number, inbox, INBOX_BYTES);
    if (got > 0) bytes += got;
    if (isOneshot) poller.modify(reported[i] as number, READ);
  }
  progress[UNREAD] = (progress[UNREAD] as number) - bytes;
  if (rotates) progress[AT] = ((progress[AT] as number) + ready) % fds.length;
}

import type { Poller } from '../../../pollers/poller.js';

/** Keeps the walk over the ready set from being optimised away. */
export let sink = 0;

/**
 * Makes `count` turns: wait, then walk what is ready. Returns how many ready fds were seen in all.
 *
 * The probe imports this file once per poller and series, under a different query each time, so that every closure has
 * call sites of its own: V8 sees one class of poller in each, as in a program that uses one poller.
 */
export function turns(poller: Poller, timeoutMs: number | null, count: number): number {
  let total = 0;
  for (let turn = 0; turn < count; turn++) {
    const ready = poller.wait(timeoutMs);
    const fds = poller.readyFds;
    const events = poller.readyEvents;
    let sum = 0;
    for (let i = 0; i < ready; i++) sum = (sum + (fds[i] as number) + (events[i] as number)) | 0;
    sink = sum;
    total += ready;
  }
  return total;
}

/** What `turns` needs beside the system call and the walk over the ready set: the walk over the call's answer. */
export function scans(poller: { collect(answered: number): number }, answered: number, count: number): void {
  for (let scan = 0; scan < count; scan++) sink = poller.collect(answered);
}

export type TurnsModule = { readonly turns: typeof turns; readonly scans: typeof scans };

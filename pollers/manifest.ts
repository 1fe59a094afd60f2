import type { MakePoller, WaitCall } from './poller.js';

/**
 * Every poller that there is: the one place that lists them. It loads none of them, so that whoever only wants their names
 * or their colours needs neither Linux nor Koffi.
 */

/** How a poller looks in charts and legends. */
export interface Look {
  readonly light: string;
  readonly dark: string;
  /** An SVG path within -1.35..1.35: the symbol of Vega's marks and of the legends alike. */
  readonly shape: string;
  /** From the back to the front. */
  readonly layer: number;
}

export interface PollerEntry {
  /** One line for people. */
  readonly line: string;
  /** Where it runs, as Node names the systems. */
  readonly systems: readonly string[];
  /** The system call that it waits with, as its `native` says; null where it has none. */
  readonly call: WaitCall | null;
  /** Whether it is measured unless somebody asks for others. */
  readonly isUsual: boolean;
  readonly look: Look;
  load(): Promise<MakePoller>;
}

/** A process is told of a user's own pollers, by name and file, in this variable, as JSON. */
export const OWN_POLLERS_VARIABLE = 'POLLCOST_POLLERS';

/** A poller is known by any name like this, a user's own too. */
export const POLLER_NAME = /^[a-z][a-z0-9_-]*$/;
export type PollerName = string;

/**
 * One colour and one shape each, the same in every chart; the order is that of lists, legends and tables. The colours keep a
 * contrast of 3.6 to the page and a CIELAB distance of 24 to each other, also as people with protanopia, deuteranopia and
 * tritanopia see them (Machado 2009, severity 1). select lies on select-wide and ends at 1 024: drawn above it, and
 * smaller, it leaves both to be seen.
 */
export const manifest: Readonly<Record<PollerName, PollerEntry>> = {
  busy: {
    line: 'asks each fd alone, poll(&one, 1, 0), pass after pass; never blocks',
    systems: ['linux'],
    call: 'poll-each',
    isUsual: false,
    look: {
      light: '#383338',
      dark: '#7d7e74',
      shape: 'M-.4,-1.1H.4V-.4H1.1V.4H.4V1.1H-.4V.4H-1.1V-.4H-.4Z',
      layer: 0,
    },
    load: async () => {
      const { BusyPoller } = await import('./busy.js');
      return () => new BusyPoller();
    },
  },
  select: {
    line: 'select(2) as the C library has it: fds below FD_SETSIZE (1 024)',
    systems: ['linux', 'darwin', 'freebsd'],
    call: 'select',
    isUsual: true,
    look: { light: '#a01c08', dark: '#e0531c', shape: 'M-.85,-.85H.85V.85H-.85Z', layer: 2 },
    load: async () => {
      const { SelectPoller } = await import('./select.js');
      return () => new SelectPoller();
    },
  },
  'select-wide': {
    line: 'select(2) with larger bitmaps, which Linux accepts',
    systems: ['linux'],
    call: 'select',
    isUsual: true,
    look: { light: '#bd7409', dark: '#fed04a', shape: 'M0,-1.3L1.35,1H-1.35Z', layer: 1 },
    load: async () => {
      const { SelectPoller } = await import('./select.js');
      return () => new SelectPoller({ wide: true });
    },
  },
  poll: {
    line: 'poll(2): an array of pollfds, copied in and scanned at every call',
    systems: ['linux', 'darwin', 'freebsd'],
    call: 'poll',
    isUsual: true,
    look: { light: '#0a44bd', dark: '#5b7cfa', shape: 'M1,0A1,1,0,1,1,-1,0A1,1,0,1,1,1,0Z', layer: 3 },
    load: async () => {
      const { PollPoller } = await import('./poll.js');
      return () => new PollPoller();
    },
  },
  epoll: {
    line: 'epoll(7), level-triggered: the kernel keeps the set and hands over what is ready',
    systems: ['linux'],
    call: 'epoll',
    isUsual: true,
    look: { light: '#0a926a', dark: '#a5efcf', shape: 'M0,-1.2L1.2,0L0,1.2L-1.2,0Z', layer: 5 },
    load: async () => {
      const { EpollPoller } = await import('./epoll.js');
      return (options) => new EpollPoller(options);
    },
  },
  'epoll-et': {
    line: 'epoll(7), edge-triggered: reports changes only',
    systems: ['linux'],
    call: 'epoll',
    isUsual: false,
    look: { light: '#8a4d86', dark: '#f07fd0', shape: 'M0,1.3L1.35,-1H-1.35Z', layer: 4 },
    load: async () => {
      const { EpollPoller } = await import('./epoll.js');
      return (options) => new EpollPoller({ ...options, trigger: 'edge' });
    },
  },
  'epoll-oneshot': {
    line: 'epoll(7), one-shot: reports once, then not again until modify',
    systems: ['linux'],
    call: 'epoll',
    isUsual: false,
    look: { light: '#00708c', dark: '#4fc3dd', shape: 'M-1.2,0L-.4,-1.2H.4L1.2,0L.4,1.2H-.4Z', layer: 7 },
    load: async () => {
      const { EpollPoller } = await import('./epoll.js');
      return (options) => new EpollPoller({ ...options, trigger: 'oneshot' });
    },
  },
  io_uring: {
    line: 'io_uring(7): poll requests that the kernel keeps; asking anew rides with the wait',
    systems: ['linux'],
    call: 'io_uring',
    isUsual: false,
    look: { light: '#5d6d00', dark: '#c3b1ff', shape: 'M-1.1,-.5H1.1V.5H-1.1Z', layer: 6 },
    load: async () => {
      const { IoUringPoller } = await import('./io-uring.js');
      // Here and not with the first use: where no ring can be made, it is not one of those that can be chosen.
      new IoUringPoller().close();
      return (options) => new IoUringPoller(options);
    },
  },
  kqueue: {
    line: 'kqueue(2) of macOS and FreeBSD: filters that the kernel keeps; tried against a shim only, never on a BSD',
    systems: ['darwin', 'freebsd'],
    call: null,
    isUsual: false,
    look: { light: '#480054', dark: '#f0fc9c', shape: 'M-1.1,1.1L0,-1.2L1.1,1.1L0,.5Z', layer: 8 },
    load: async () => {
      const { KqueuePoller } = await import('./kqueue.js');
      return (options) => new KqueuePoller(options);
    },
  },
};

export const pollerNames: readonly PollerName[] = Object.keys(manifest);

/** Those that run on this system, as far as that decides it. */
export const pollersHere: readonly PollerName[] = pollerNames.filter((name) =>
  manifest[name]?.systems.includes(process.platform),
);

/** What is measured unless told otherwise. */
export const usualPollers: readonly PollerName[] = pollerNames.filter((name) => manifest[name]?.isUsual);

/** The same on any system: kqueue belongs to it where it runs. */
export const usualHere: readonly PollerName[] = pollersHere.filter(
  (name) => usualPollers.includes(name) || !manifest[name]?.systems.includes('linux'),
);

/** What a gate compares unless it is told otherwise: each usual call once, select without its bound on fds. */
export const gatedPollers: readonly PollerName[] = ['select-wide', 'poll', 'epoll'];

/** What the harness's own loops wait with, where no poller is measured: it sleeps, and does not look at every fd. */
export const harnessPoller: PollerName = 'epoll';

/** Loads that one alone. */
export const loadHarnessPoller = (): Promise<MakePoller> => (manifest[harnessPoller] as PollerEntry).load();

/** The poller that stands for a system call where others are compared with it: the first that waits with it. */
export function pollerOf(call: WaitCall): PollerName {
  const found = pollerNames.find((name) => manifest[name]?.call === call);
  if (found === undefined) throw new RangeError(`no poller waits with ${call}`);
  return found;
}

/** Those, of what is measured unless told otherwise: one for each system call. */
export const onePerWaitCall: readonly PollerName[] = usualPollers.filter((name) => {
  const call = manifest[name]?.call ?? null;
  return call !== null && pollerOf(call) === name;
});

/** Why this poller cannot run on a system, if it cannot. */
export function reasonNotOn({ systems }: PollerEntry, system: string): string | undefined {
  return systems.includes(system) ? undefined : `it runs on ${systems.join(', ')}; this is ${system}`;
}

import { KNOWN_OBJECT_BYTES, type Layouts, ledgerOf } from '../../experiments/kernel-layouts.js';
import { around, type Planted } from './planted-run.js';

/** Ledgers of memory as a kernel has them whose structures are known. */

export const FIRST = 32;

export const linux: Layouts = {
  objectBytes: KNOWN_OBJECT_BYTES,
  cgroupPointer: 8,
  page: 4096,
  epollEvent: 12,
};

export const CALLS = { select: 'select', 'select-wide': 'select', poll: 'poll', epoll: 'epoll' } as const;

export type Poller = keyof typeof CALLS;

export type Changes = Partial<ReturnType<typeof ledgerOf> & { userCopyBytes: number }>;

export interface Spot {
  readonly poller: Poller;
  readonly watched: number;
  readonly highestFd?: number;
  readonly source?: 'computed' | 'read';
}

export function ledger(spot: Spot, changes: Changes = {}, layouts: Layouts = linux, spread = 0): Planted {
  const { poller, watched, highestFd = FIRST + watched - 1, source = 'computed' } = spot;
  const all = {
    ...ledgerOf(CALLS[poller], watched, highestFd, layouts),
    userCopyBytes: 900,
    ...changes,
  };
  const metrics = Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name, around(value, spread)]),
  );
  return { experiment: 'memory', poller, factors: { watched, highestFd, source }, metrics };
}

export const few = (change: (watched: number) => Changes = () => ({}), layouts = linux) =>
  Array.from({ length: 16 }, (_, index) => index + 1).flatMap((watched) => [
    ledger({ poller: 'select', watched }, change(watched), layouts),
    ledger({ poller: 'epoll', watched }, {}, layouts),
  ]);

export const full = (changes: Changes = {}) =>
  ledger({ poller: 'select', watched: 1023, highestFd: 1023 }, changes);

export const growth = (layouts: Layouts, source: 'computed' | 'read' = 'computed', spread = 0) =>
  [1000, 2000, 5000, 9968].map((watched) =>
    ledger({ poller: 'epoll', watched, source }, {}, layouts, spread),
  );

export const SMALL_OBJECTS = { ...KNOWN_OBJECT_BYTES, epitem: 12, eppollEntry: 6, epHead: 2 };

export const small: Layouts = { ...linux, objectBytes: SMALL_OBJECTS, cgroupPointer: 0 };

export const single = (select: Changes = {}, layouts = linux): Planted[] => [
  ledger({ poller: 'select', watched: 1, highestFd: 1023 }, select),
  { ...ledger({ poller: 'select', watched: 1, highestFd: 1024 }), skipped: 'it takes no fd above 1023' },
  ledger({ poller: 'select-wide', watched: 1, highestFd: 1024 }),
  ledger({ poller: 'select-wide', watched: 1, highestFd: 19_999 }),
  ledger({ poller: 'epoll', watched: 1 }, {}, layouts),
  ledger({ poller: 'epoll', watched: 2 }, {}, layouts),
  ledger({ poller: 'epoll', watched: 1, highestFd: 1023 }, {}, layouts),
];

export const large = (source: 'computed' | 'read' = 'computed', changes: Changes = {}, spread = 0) =>
  (['select-wide', 'poll', 'epoll'] as const).flatMap((poller) =>
    [1000, 9968].map((watched) => ledger({ poller, watched, source }, changes, linux, spread)),
  );

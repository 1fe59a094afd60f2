import { ledgerOf } from '../../experiments/kernel-layouts.js';
import { growth, linux } from './planted-ledgers.js';
import { around, type Planted } from './planted-run.js';
import { base, turn } from './planted-turns.js';

/** What the sentences beyond the answer are judged by, planted. */

/** Cycles with 1, 10 and 100 ready: what io_uring takes over what epoll does. */
export const cycles = (ratioOf: (ready: number) => number, spread = 0.004): Planted[] =>
  [1, 10, 100].flatMap((ready) =>
    ['io_uring', 'epoll'].map((poller): Planted => {
      const cost = 5000 * ready * (poller === 'epoll' ? 1 : ratioOf(ready));
      return {
        experiment: 'ready-fds',
        poller,
        factors: {
          ...base,
          watched: 1000,
          ready,
          position: ready === 1 ? 'last' : 'even',
          life: 'consumed-rotating',
          churnPer100: 0,
          instance: 'kept',
        },
        metrics: { cpuNsPerCycle: around(cost, poller === 'epoll' ? 0.004 : spread) },
      };
    }),
  );

export const ringTurns = (growthOfTurn: number, spread = 0.004): Planted[] => [
  turn('io_uring', 1, 400),
  { ...turn('io_uring', 1000, 0), metrics: { cpuNsPerTurn: around(400 * growthOfTurn, spread) } },
];

/** Both pollers' lasting bytes in both columns, io_uring's requests at this many bytes. */
export function ringLedgers(request: number, read = request, spread = 0.01): Planted[] {
  const rings = (source: 'computed' | 'read', bytes: number): Planted[] =>
    [2000, 5000, 9968].map((watched) => {
      const layouts = { ...linux, objectBytes: { ...linux.objectBytes, pollRequest: bytes } };
      const ledger = ledgerOf('io_uring', watched, watched + 31, layouts);
      const metrics = Object.entries(ledger).map(([name, value]) => [
        name,
        around(value, source === 'read' ? spread : 0),
      ]);
      return {
        experiment: 'memory',
        poller: 'io_uring',
        factors: { watched, highestFd: watched + 31, source },
        metrics: Object.fromEntries(metrics),
      };
    });
  return [...rings('computed', request), ...rings('read', read), ...growth(linux), ...growth(linux, 'read')];
}

/** A server's requests under each trigger. */
export const rearming = (moreCalls: number, cpuRatio: number, spread = 0.004): Planted[] =>
  [1, 16].flatMap((active) =>
    ['epoll', 'epoll-oneshot'].map((poller): Planted => {
      const isOneshot = poller === 'epoll-oneshot';
      return {
        experiment: 'rearm',
        poller,
        factors: { idle: 0, active, load: 'closed', ratePerSecond: 0, phase: 'none', app: 'http' },
        metrics: {
          syscallsPerRequest: (active === 1 ? 3 : 2.1) + (isOneshot ? moreCalls : 0),
          cpuUsPerRequest: around(20 * (isOneshot ? cpuRatio : 1), isOneshot ? spread : 0.004),
        },
      };
    }),
  );

export const herds = (level: number, exclusive: number, spread = 0.004): Planted[] =>
  (['level', 'exclusive'] as const).map((sharing) => ({
    experiment: 'accept-herd',
    poller: 'epoll',
    factors: { processes: 4, sharing },
    metrics: {
      emptyWakeupsPerAccept: around(sharing === 'level' ? level : exclusive, spread),
      cpuUsPerAccept: sharing === 'level' ? 60 : 25,
      fairness: sharing === 'level' ? 0.95 : 0.5,
    },
  }));

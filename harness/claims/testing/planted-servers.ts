import type { Rounds } from '../../statistics/rounds.js';
import type { Planted } from './planted-run.js';
import { turn } from './planted-turns.js';

/** Live servers whose every figure is planted. */

export const resting = (poller: Planted['poller'], idle: number, share: number | Rounds): Planted => ({
  experiment: 'idle',
  poller,
  factors: { idle, app: 'http' },
  metrics: { cpuShare: share, wakeupsPerSecond: 0 },
});

export const idleRun = (busy: number | Rounds, poll: number | Rounds, others = 0.0001): Planted[] =>
  [0, 10, 1000].flatMap((idle) => [
    resting('busy', idle, busy),
    resting(idle < 1000 ? 'select' : 'select-wide', idle, others),
    resting('poll', idle, poll),
    resting('epoll', idle, others),
  ]);

export const OPEN = {
  active: 0,
  load: 'open',
  ratePerSecond: 2000,
  phase: 'spread',
  app: 'http',
  fileTable: 'private',
};

/** 3 launches of 6 rounds. */
export const windows = (of: (round: number) => number): Rounds =>
  [0, 1, 2].map((launch) => [0, 1, 2, 3, 4, 5].map((round) => of(6 * launch + round)));

export interface Windows {
  readonly p99: number | Rounds;
  readonly errors?: Rounds;
  readonly late?: Rounds;
  readonly serverPriority?: 'realtime';
}

export const beating = (idle: number, { p99, errors, late, serverPriority }: Windows): Planted => ({
  experiment: 'server',
  poller: 'epoll',
  factors: { idle, ...OPEN, ...(serverPriority && { serverPriority }) },
  metrics: {
    latencyP50Us: 80,
    latencyP90Us: 100,
    latencyP99Us: p99,
    errors: errors ?? windows(() => 0),
    lateBeats: late ?? windows(() => 0.001),
  },
});

export const MICRO: Planted[] = (['select-wide', 'poll', 'epoll'] as const).flatMap((poller) => [
  turn(poller, 1, 400),
  turn(poller, 1000, poller === 'epoll' ? 400 : 48_000),
]);

export const serving = (poller: Planted['poller'], idle: number, us: number): Planted => ({
  experiment: 'server',
  poller,
  factors: {
    idle,
    active: 1,
    load: 'closed',
    ratePerSecond: 0,
    phase: 'none',
    app: 'http',
    fileTable: 'private',
  },
  metrics: { cpuUsPerRequest: us },
});

export const served = (select: number, poll: number, epoll: number, idle = 1000): Planted[] => [
  ...(['select-wide', 'poll', 'epoll'] as const).map((poller) => serving(poller, 0, 40)),
  serving('select-wide', idle, 40 * select),
  serving('poll', idle, 40 * poll),
  serving('epoll', idle, 40 * epoll),
];

export const loaded = (epoll: number, idleCount = 1000): Planted[] =>
  (['select-wide', 'poll', 'epoll'] as const).map((poller) => ({
    experiment: 'server',
    poller,
    factors: {
      idle: idleCount,
      active: 10,
      load: 'closed',
      ratePerSecond: 0,
      phase: 'none',
      app: 'http',
      fileTable: 'private',
    },
    metrics: { cpuUsPerRequest: poller === 'epoll' ? epoll : 100 },
  }));

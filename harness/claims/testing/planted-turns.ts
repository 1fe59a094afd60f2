import { around, type Planted } from './planted-run.js';

/** Turns of the probe whose every cost is planted. */

export const byNumber = (
  at50: number | readonly (readonly number[])[],
  at100: number,
  crowd = 4000,
): Planted[] => {
  const cell = (highestFd: number, watched: number, cost: Planted['metrics'][string]): Planted => ({
    experiment: 'highest-fd',
    poller: 'select',
    factors: { highestFd, watched },
    metrics: { cpuNsPerTurn: cost },
  });
  return [cell(50, 1, at50), cell(100, 1, at100), cell(100, 51, crowd)];
};

export const turn = (
  poller: Planted['poller'],
  watched: number,
  cost: number,
  more: object = {},
): Planted => ({
  experiment: 'watched-fds',
  poller,
  factors: { watched, ready: 1, position: 'last', timeout: 'zero', wakesPerSecond: 0, socket: 'tcp' },
  metrics: { cpuNsPerTurn: cost, scanNsPerTurn: 10, ...more },
});

export const growing = (select: number, poll: number, epoll: number): Planted[] => [
  turn('select-wide', 1, 400),
  turn('select-wide', 1000, 400 * select),
  turn('poll', 1, 300),
  turn('poll', 1000, 300 * poll),
  turn('epoll', 1, 400),
  turn('epoll', 1000, 400 * epoll),
];

export const scanning = (select: number, poll: number, epoll: number): Planted[] => {
  const cell = (poller: Planted['poller'], watched: number, fds: number) =>
    turn(poller, watched, 1000, { fdsExamined: [[fds, fds], [fds]] });
  return [
    cell('select-wide', 1, 2),
    cell('select-wide', 4000, 2 * select),
    cell('poll', 1, 1),
    cell('poll', 4000, poll),
    cell('epoll', 1, 1),
    cell('epoll', 4000, epoll),
  ];
};

export const base = {
  wakesPerSecond: 0,
  temperature: 'hot',
  fileTable: 'private',
  socket: 'tcp',
  timeout: 'zero',
};

export const idle = (poller: Planted['poller'], watched: number, cpuNsPerTurn: number): Planted => ({
  experiment: 'watched-fds',
  poller,
  factors: { ...base, watched, ready: 0, position: 'none' },
  metrics: { cpuNsPerTurn },
});

export const ready = (
  poller: Planted['poller'],
  watched: number,
  count: number,
  cost: number,
  spread = 0.004,
): Planted => ({
  experiment: 'ready-fds',
  poller,
  factors: {
    ...base,
    watched,
    ready: count,
    position: 'even',
    life: 'standing',
    churnPer100: 0,
    instance: 'kept',
  },
  metrics: { cpuNsPerTurn: around(cost, spread) },
});

export const COUNTS = [10, 30, 100, 300, 1000, 2000, 4000];

export type Cost = (count: number) => number;

export const scaling = (select: Cost, poll: Cost, epoll: Cost): Planted[] =>
  COUNTS.flatMap((count) => [
    idle('select-wide', count, select(count)),
    idle('poll', count, poll(count)),
    ready('epoll', count, count, epoll(count)),
  ]);

export const line: Cost = (count) => 400 + 70 * count;

export const square: Cost = (count) => 400 + 0.7 * count ** 1.5;

export const bent: Cost = (count) => line(count) * (count > 2000 ? 1.4 : 1);

export const sweep = (perIdle: number, perReady: number, spread?: number): Planted[] =>
  (
    [
      [100, 100],
      [200, 100],
      [1000, 100],
      [1000, 1000],
    ] as const
  ).map(([watched, count]) =>
    ready('epoll', watched, count, 500 + perIdle * watched + perReady * count, spread),
  );

export const grid = (epoll: (ready: number, churn: number) => number, spread = 0.004): Planted[] =>
  [10, 100, 1000].flatMap((watched) =>
    [...new Set([1, watched / 10, watched / 2])].flatMap((count) =>
      [0, 1, 100].flatMap((churnPer100) =>
        ['zero', 'finite'].flatMap((timeout) =>
          (['select-wide', 'poll', 'epoll'] as const).map((poller): Planted => {
            const cost = poller === 'epoll' ? epoll(count / watched, churnPer100) : 1000;
            return {
              experiment: 'workload-grid',
              poller,
              factors: {
                ...base,
                watched,
                ready: count,
                position: 'even',
                timeout,
                life: 'consumed-rotating',
                churnPer100,
                instance: 'kept',
              },
              metrics: { cpuNsPerCycle: around(cost, spread) },
            };
          }),
        ),
      ),
    ),
  );

/** Cheaper up to 30 % active. */
export const likeLinux = (share: number) => 700 + 1000 * share;

import { around, type Planted } from './planted-run.js';

/** Few sockets, in turns and in requests. */

export const COUNTS = [1, 2, 4, 6, 8, 10, 16];

export type Costs = (watched: number) => number;

export type Life = 'steady' | 'churn' | 'fresh';

export const factorsOf = (life: Life, ready: number, timeout: string, watched: number) => ({
  watched,
  ready,
  position: ready === 0 ? 'none' : 'last',
  timeout,
  wakesPerSecond: 0,
  temperature: 'hot',
  fileTable: 'private',
  socket: 'tcp',
  life: 'standing',
  churnPer100: life === 'churn' ? 100 : 0,
  instance: life === 'fresh' ? 'fresh' : 'kept',
});

export const STATES = [
  [0, 'zero'],
  [1, 'zero'],
  [1, 'finite'],
] as const;

/** All nine conditions; epoll costs 1 000 ns, select what is asked. C takes the same unless told otherwise. */
export const turns = (select: Record<Life, Costs>, net: Costs | null = null, spread = 0.004): Planted[] =>
  (['steady', 'churn', 'fresh'] as const).flatMap((life) =>
    STATES.flatMap(([ready, timeout]) =>
      COUNTS.flatMap((watched) =>
        (['pollcost', 'c-twin'] as const).flatMap((series) =>
          (['select', 'epoll'] as const).map((poller): Planted => {
            const cost = (series === 'c-twin' && net ? net : select[life])(watched);
            const cpuNsPerTurn = poller === 'epoll' ? 1000 : around(cost, spread);
            const factors = factorsOf(life, ready, timeout, watched);
            return { experiment: 'few-sockets', poller, series, factors, metrics: { cpuNsPerTurn } };
          }),
        ),
      ),
    ),
  );

export const cheap: Costs = (watched) => 300 + 10 * watched;

export const dear: Costs = (watched) => 1200 + 10 * watched;

export const flipping: Costs = (watched) => 500 + 40 * watched;

/** One request of a server with so many connections, one of them asking. */
export const requests = (select: Costs, epoll: Costs = () => 30, spread = 0.004): Planted[] =>
  COUNTS.flatMap((connections) =>
    (['select', 'epoll'] as const).map((poller) => ({
      experiment: 'server',
      poller,
      factors: {
        idle: connections - 1,
        active: 1,
        load: 'closed',
        ratePerSecond: 0,
        phase: 'none',
        app: 'http',
        fileTable: 'private',
      },
      metrics: { cpuUsPerRequest: around((poller === 'select' ? select : epoll)(connections), spread) },
    })),
  );

import type { Cell, Factors, Series } from '../../harness/results/run-schema.js';
import type { PollerId } from '../theme/pollers.js';
import { figure, measured } from './example-figures.js';

/** Support for tests: synthetic cells of live and idle servers, and of the memory ledger. */

const OURS: readonly PollerId[] = ['select-wide', 'poll', 'epoll'];
const MOST = 19_000;

interface Load {
  readonly idle: number;
  readonly load: 'closed' | 'open';
  readonly phase?: string;
  readonly app?: string;
  readonly fileTable?: string;
}

const server = (poller: PollerId, load: Load, series: Series = 'pollcost', times = 1): Cell => {
  const { idle, phase = 'spread', app = 'http', fileTable = 'private' } = load;
  const isOpen = load.load === 'open';
  const factors: Factors = {
    idle,
    active: isOpen ? (idle === 0 ? 10 : 0) : 1,
    load: load.load,
    ratePerSecond: isOpen ? 2_000 : 0,
    phase: isOpen ? phase : 'none',
    app,
    fileTable,
  };
  const scan = poller === 'epoll' ? 0 : idle * (fileTable === 'shared' ? 0.1 : 0.07);
  const events = phase === 'storm' ? 40 : 1 + scan / 2_000;
  const us = times * ((isOpen ? 45 : 33) + scan / events);
  const rate = isOpen ? Math.min(2_000, 1e6 / us) : 1e6 / (us + 60);
  return measured(
    'server',
    poller,
    factors,
    {
      cpuUsPerRequest: figure(us, 'us'),
      cpuShare: figure(Math.min(1, (rate * us) / 1e6), 'cores', 0),
      senderUsPerRequest: figure(20, 'us'),
      ...(idle > 0 && isOpen && { idleNsPerFdSecond: figure((scan * 1e6) / idle, 'ns') }),
      latencyP50Us: figure(us + 40, 'us', 0.1),
      latencyP90Us: figure(2 * us + 60, 'us', 0.1),
      latencyP99Us: figure(4 * us + 90, 'us', 0.2),
      latencyP999Us: figure(9 * us + 200, 'us', 0.4),
      requestsPerSecond: figure(rate, 'per_second'),
      ...(series === 'pollcost' && {
        turnsPerSecond: figure(rate / events, 'per_second'),
        sleptTurnsPerSecond: figure(Math.max(0, rate / events - scan), 'per_second'),
        eventsPerTurn: figure(events, 'count'),
        syscallsPerRequest: figure(3 + 1 / events, 'count'),
        userBytesPerConnection: figure(900, 'bytes'),
        kernelBytesPerConnection: figure(7_600, 'bytes'),
      }),
      errors: figure(0, 'count', 0),
      lateBeats: figure(0.001, 'ratio'),
    },
    series,
  );
};

const serverCells = (): Cell[] => [
  ...OURS.flatMap((poller) =>
    (['closed', 'open'] as const).flatMap((load) =>
      [0, 1_000, MOST].map((idle) => server(poller, { idle, load })),
    ),
  ),
  ...OURS.flatMap((poller) =>
    ['storm', 'poisson'].map((phase) => server(poller, { idle: 1_000, load: 'open', phase })),
  ),
  ...OURS.flatMap((poller) =>
    (['closed', 'open'] as const).map((load) => server(poller, { idle: 1_000, load, fileTable: 'shared' })),
  ),
  server('epoll', { idle: 1_000, load: 'closed', fileTable: 'shared' }, 'node:http', 2),
  ...(['select-wide', 'poll', 'epoll'] as const).flatMap((poller) => [
    server(poller, { idle: 1_000, load: 'closed', app: 'fixed' }),
    server(poller, { idle: 1_000, load: 'closed', app: 'fixed' }, 'tornado', 4),
    server(poller, { idle: 1_000, load: 'closed', app: 'fixed' }, 'twisted', 5),
  ]),
];

const idleCells = (): Cell[] =>
  [0, 10, 1_000].flatMap((idle) =>
    (['busy', ...OURS] as const).map((poller) =>
      measured(
        'idle',
        poller,
        { idle, app: 'http' },
        {
          cpuShare: figure(poller === 'busy' ? 0.98 : 0.0002, 'cores'),
          wakeupsPerSecond: figure(0, 'per_second', 0),
        },
      ),
    ),
  );

const ledger = (poller: PollerId, watched: number, source: 'computed' | 'read', apart: number): Cell => {
  const isEpoll = poller === 'epoll';
  const pages = Math.ceil(Math.max(0, watched - 9) / 63);
  const spread = source === 'read' ? 0.02 : 0;
  const bytes = (value: number) => figure(Math.round(value * apart), 'bytes', spread);
  return measured(
    'memory',
    poller,
    { watched, highestFd: 31 + watched, source },
    {
      userBytes: figure(isEpoll ? 12 * watched : poller === 'poll' ? 8 * watched : 3 * 128, 'bytes', 0),
      userCopyBytes: figure(isEpoll ? 4 * watched : 256, 'bytes', 0),
      kernelPersistentBytes: bytes(isEpoll ? 400 + 232 * watched : 0),
      ...(source === 'read' && {
        persistentBytesBySlabinfo: bytes(isEpoll ? 400 + 232 * watched : 0),
        persistentBytesByMemoryKmem: bytes(isEpoll ? 400 + 290 * watched : 0),
      }),
      kernelBlockedBytes: bytes(isEpoll ? 0 : 4_096 * pages),
      socketBytes: bytes(7_200 * watched),
    },
  );
};

const memoryCells = (): Cell[] => [
  ...[1, 2, 5, 9, 10, 16, 100, 1_000, 5_000].flatMap((watched) =>
    OURS.map((poller) => ledger(poller, watched, 'computed', 1)),
  ),
  ...[1_000, 5_000].flatMap((watched) => OURS.map((poller) => ledger(poller, watched, 'read', 1.01))),
];

const herdCells = (): Cell[] =>
  [1, 4].flatMap((processes) =>
    ['level', 'exclusive', 'reuseport'].map((sharing) =>
      measured(
        'accept-herd',
        'epoll',
        { processes, sharing },
        {
          cpuUsPerAccept: figure(sharing === 'level' ? 12 * processes : 23, 'us'),
          emptyWakeupsPerAccept: figure(sharing === 'level' ? processes - 1 : 0.02, 'count'),
          fairness: figure(sharing === 'exclusive' ? 1 / processes : 0.96, 'ratio', 0),
        },
      ),
    ),
  );

export const serverAndMemoryCells = (): Cell[] => [
  ...serverCells(),
  ...idleCells(),
  ...herdCells(),
  ...memoryCells(),
];

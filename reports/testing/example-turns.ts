import type { Cell, Factors, Figure } from '../../harness/results/run-schema.js';
import type { PollerId } from '../theme/pollers.js';
import { figure, measured, turnNs } from './example-figures.js';

/** Support for tests: synthetic cells of the experiments of the turn probe that have consumed readiness, churn or cold caches. */

const SCANNING: readonly PollerId[] = ['select-wide', 'poll'];
const LEVEL: readonly PollerId[] = ['select', 'select-wide', 'poll', 'epoll'];

const usual = { temperature: 'hot', fileTable: 'private', socket: 'tcp' };
const kept = { life: 'standing', churnPer100: 0, instance: 'kept' };
const zero = { timeout: 'zero', wakesPerSecond: 0 };

const place = (ready: number): string => (ready === 0 ? 'none' : ready === 1 ? 'last' : 'even');

const readyFds = (poller: PollerId, watched: number, ready: number, life: string): Cell => {
  const factors: Factors = { watched, ready, position: place(ready), ...zero, ...usual, ...kept, life };
  const turn = turnNs(poller, watched, 'zero', ready) * (life === 'standing' ? 1 : 1.05);
  const metrics: Record<string, Figure> = { cpuNsPerTurn: figure(turn, 'ns') };
  if (life !== 'standing')
    metrics.cpuNsPerCycle = figure(turn + ready * (poller.startsWith('epoll') ? 2_300 : 2_000), 'ns');
  return measured('ready-fds', poller, factors, metrics);
};

const readyFdsCells = (): Cell[] => [
  ...LEVEL.flatMap((poller) =>
    [0, 1, 10, 50, 100, 200].map((ready) => readyFds(poller, 200, ready, 'standing')),
  ),
  ...[...SCANNING, 'epoll' as const].flatMap((poller) =>
    [10, 20, 50, 100, 200, 500, 1_000].map((count) => readyFds(poller, count, count, 'standing')).slice(0, 4),
  ),
  ...[...LEVEL, 'epoll-et' as const].flatMap((poller) =>
    ['consumed-same', 'consumed-rotating'].flatMap((life) =>
      [1, 10, 50, 100, 200].map((ready) => readyFds(poller, 200, ready, life)),
    ),
  ),
];

const fewSocketsCells = (): Cell[] =>
  [1, 4, 10, 16].flatMap((watched) =>
    (['select', 'poll', 'epoll'] as const).map((poller) =>
      measured(
        'few-sockets',
        poller,
        { watched, ready: 0, position: 'none', ...zero, ...usual, ...kept },
        { cpuNsPerTurn: figure(turnNs(poller, watched, 'zero', 0), 'ns') },
      ),
    ),
  );

const activeOf = (watched: number): number[] => [...new Set([1, watched / 10, watched / 2])];

const workloadGridCells = (): Cell[] =>
  [10, 100, 1_000].flatMap((watched) =>
    activeOf(watched).flatMap((ready) =>
      [0, 1, 100].flatMap((churnPer100) =>
        ['zero', 'finite'].flatMap((timeout) =>
          [...SCANNING, 'epoll' as const].map((poller) => {
            const churn = (churnPer100 / 100) * (poller === 'epoll' ? 900 : 30);
            // Before a ready one no fd is queued on that comes after it.
            const scanned =
              poller === 'epoll' ? 0 : (watched / (ready + 1)) * (timeout === 'finite' ? 120 : 0);
            const turn =
              turnNs(poller, watched, 'zero', ready) + churn + scanned + (timeout === 'finite' ? 95 : 0);
            return measured(
              'workload-grid',
              poller,
              {
                watched,
                ready,
                position: place(ready),
                timeout,
                wakesPerSecond: 0,
                ...usual,
                life: 'consumed-rotating',
                churnPer100,
                instance: 'kept',
              },
              { cpuNsPerTurn: figure(turn, 'ns'), cpuNsPerCycle: figure(turn + ready * 2_000, 'ns') },
            );
          }),
        ),
      ),
    ),
  );

const temperatureCells = (): Cell[] =>
  [1, 1_000].flatMap((watched) =>
    [
      { ...zero, temperature: 'hot', times: 1 },
      { ...zero, temperature: 'cold', times: 4 },
      { timeout: 'slept', wakesPerSecond: 2_000, temperature: 'hot', times: 1 },
      { timeout: 'slept', wakesPerSecond: 500, temperature: 'hot', times: 1.05 },
      { timeout: 'slept', wakesPerSecond: 50, temperature: 'hot', times: 3 },
    ].flatMap(({ times, timeout, wakesPerSecond, temperature }) =>
      [...SCANNING, 'epoll' as const].map((poller) =>
        measured(
          'temperature',
          poller,
          {
            watched,
            ready: 1,
            position: 'last',
            timeout,
            wakesPerSecond,
            temperature,
            fileTable: 'private',
            socket: 'tcp',
          },
          { cpuNsPerTurn: figure(times * turnNs(poller, watched, timeout, 1), 'ns') },
        ),
      ),
    ),
  );

const fileTableCells = (): Cell[] =>
  [1, 10, 100, 1_000].flatMap((watched) =>
    (['private', 'shared'] as const).flatMap((fileTable) =>
      [...SCANNING, 'epoll' as const].map((poller) => {
        const more = fileTable === 'private' ? 0 : poller === 'epoll' ? 60 : 40 + 30 * watched;
        return measured(
          'file-table',
          poller,
          { watched, ready: 0, position: 'none', ...zero, temperature: 'hot', fileTable, socket: 'tcp' },
          { cpuNsPerTurn: figure(turnNs(poller, watched, 'zero', 0) + more, 'ns', 0.005) },
        );
      }),
    ),
  );

const churnCells = (): Cell[] =>
  [1, 10, 100, 900].flatMap((watched) =>
    LEVEL.map((poller) =>
      measured(
        'churn',
        poller,
        { watched, churnPer100: 100, socket: 'tcp', instance: 'kept' },
        {
          cpuNsPerRegistration: figure(poller === 'epoll' ? 900 : 40, 'ns'),
          cpuNsPerConnectionLife: figure(40_000 + 3 * turnNs(poller, watched, 'zero', 1), 'ns'),
        },
      ),
    ),
  );

const cascadeCells = (): Cell[] =>
  [
    { pairs: 100, active: 1, writes: 100 },
    { pairs: 100, active: 10, writes: 1_000 },
    { pairs: 1_000, active: 1, writes: 100 },
  ].flatMap((chain) =>
    [...LEVEL, 'epoll-et' as const].map((poller) => {
      const perEvent = 3_000 + turnNs(poller, chain.pairs, 'zero', chain.active) / chain.active;
      return measured(
        'cascade',
        poller,
        { ...chain },
        {
          cpuNsPerEvent: figure(perEvent, 'ns'),
          wallUsPerChain: figure((perEvent * (chain.active + chain.writes)) / 1_000, 'us'),
          eventsPerTurn: figure(chain.active, 'count', 0.01),
        },
      );
    }),
  );

export const turnCells = (): Cell[] => [
  ...readyFdsCells(),
  ...fewSocketsCells(),
  ...workloadGridCells(),
  ...temperatureCells(),
  ...fileTableCells(),
  ...churnCells(),
  ...cascadeCells(),
];

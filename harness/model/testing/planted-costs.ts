import { cellId } from '../../results/cell-id.js';
import type { Cell, MeasuredCell } from '../../results/run-schema.js';
import { randomFrom } from '../../statistics/random.js';
import { meanBeforeReady, type Turn } from '../terms.js';

/** Cells whose cost is a line that is known. */

export type Cost = (turn: Pick<Turn, 'watched' | 'ready' | 'churn' | 'timeout'>) => number;
export type Plant = Pick<Cell, 'poller'> & { cost: Cost; noise?: number };

export const base = { wakesPerSecond: 0, temperature: 'hot', fileTable: 'private', socket: 'tcp' };
export const set = { life: 'standing', churnPer100: 0, instance: 'kept' };

/** A cell of our own series with these figures. */
export const measuredCell = (
  poller: Cell['poller'],
  experiment: string,
  factors: Cell['factors'],
  metrics: MeasuredCell['metrics'],
): Cell => ({
  id: cellId(experiment, poller, 'pollcost', factors),
  ...{ experiment, poller, series: 'pollcost', status: 'measured', flags: [], factors, metrics },
});

export const cell = (
  poller: Cell['poller'],
  experiment: string,
  factors: Cell['factors'],
  cpuNs: number,
): Cell =>
  measuredCell(poller, experiment, factors, {
    cpuNsPerTurn: { value: cpuNs, low: cpuNs, high: cpuNs, unit: 'ns', n: 9, launches: 3 },
  });

/** The cells that the experiments have, at a planted cost. */
export function cellsOf({ poller, cost, noise = 0 }: Plant): Cell[] {
  const random = randomFrom(7);
  const noisy = (ns: number) => ns * (1 + noise * (2 * random() - 1));
  const idle = [1, 2, 4, 8, 10, 16, 32, 64, 100, 200, 500, 700, 1000, 4000].map((watched) =>
    cell(
      poller,
      'watched-fds',
      { watched, ready: 0, position: 'none', timeout: 'zero', ...base },
      noisy(cost({ watched, ready: 0, churn: 0, timeout: 'zero' })),
    ),
  );
  const grid = [10, 100, 1000].flatMap((watched) =>
    [...new Set([1, watched / 10, watched / 2])].flatMap((ready) =>
      [0, 1, 100].flatMap((churnPer100) =>
        (['zero', 'finite'] as const).map((timeout) =>
          cell(
            poller,
            'workload-grid',
            {
              watched,
              ready,
              position: 'even',
              timeout,
              ...base,
              ...set,
              life: 'consumed-rotating',
              churnPer100,
            },
            noisy(cost({ watched, ready, churn: churnPer100 / 100, timeout })),
          ),
        ),
      ),
    ),
  );
  return [...idle, ...grid];
}

/** What the experiment has that sweeps the ready fds; some of it other cells nearly have. */
export const readyCells = (poller: Cell['poller'], cost: Cost, noise = 0): Cell[] => {
  const random = randomFrom(11);
  return [200, 500, 1000].flatMap((watched) =>
    [0, 1, 10, 50, 100].map((ready) =>
      cell(
        poller,
        'ready-fds',
        {
          watched,
          ready,
          position: ready === 0 ? 'none' : 'even',
          timeout: 'zero',
          ...base,
          ...set,
          life: 'consumed-rotating',
        },
        cost({ watched, ready, churn: 0, timeout: 'zero' }) * (1 + noise * (2 * random() - 1)),
      ),
    ),
  );
};

export const likePoll: Cost = ({ watched, ready, churn, timeout }) =>
  300 +
  72 * watched +
  10 * ready +
  2500 * churn +
  (timeout === 'finite' ? 90 + (110 * (watched / ready - 1)) / 2 : 0);
export const likeEpoll: Cost = ({ ready, churn, timeout }) =>
  300 + 115 * ready + (ready > 0 ? 130 : 0) + 2700 * churn + (timeout === 'finite' ? 94 : 0);

export const turn = (watched: number, ready: number, timeout: Turn['timeout'] = 'zero', churn = 0): Turn => ({
  watched,
  ready,
  churn,
  timeout,
  beforeReady: meanBeforeReady(watched, ready),
  highestFd: 31 + watched,
  wakesPerSecond: 0,
});

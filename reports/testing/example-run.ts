import {
  type Cell,
  type Factors,
  type Figure,
  type Run,
  runSchema,
} from '../../harness/results/run-schema.js';
import type { PollerId } from '../theme/pollers.js';
import { exampleClaims } from './example-claims.js';
import { figure, LAUNCHES, measured, ROUNDS, turnNs } from './example-figures.js';
import { serverAndMemoryCells } from './example-servers.js';
import { turnCells } from './example-turns.js';

/**
 * Support for tests: a run whose figures follow from short formulas and were never measured. Its kernel and
 * processor say so, so that a page made from it cannot be taken for a result.
 */

const COUNTS = [1, 10, 100, 1_000, 4_000];
const NUMBERS = [32, 50, 64, 100, 256, 512, 1_023, 4_096];
const POLLERS: readonly PollerId[] = ['select', 'select-wide', 'poll', 'epoll'];
const BINDING_NS: Readonly<Record<string, number>> = {
  select: 140,
  'select-wide': 150,
  poll: 90,
  epoll: 100,
  busy: 80,
  'epoll-et': 100,
};

const turnMetrics = (
  poller: PollerId,
  watched: number,
  timeout: string,
  ready: number,
): Record<string, Figure> => {
  const cpu = turnNs(poller, watched, timeout, ready);
  const binding = BINDING_NS[poller] ?? 100;
  const examined = poller === 'epoll' ? ready : poller === 'poll' ? watched : Math.ceil(watched / 32);
  return {
    cpuNsPerTurn: figure(cpu + binding, 'ns'),
    wallNsPerTurn: figure(cpu + binding + 10, 'ns'),
    bindingNsPerTurn: figure(binding, 'ns', 0.1),
    netNsPerTurn: figure(cpu, 'ns'),
    scanNsPerTurn: figure(8 + 1.4 * examined, 'ns', 0.1),
    fdsExamined: figure(examined, 'count', 0),
    readyPerTurn: figure(ready, 'count', 0),
  };
};

const conditions = [
  { ready: 0, position: 'none', timeout: 'zero', wakesPerSecond: 0 },
  { ready: 1, position: 'last', timeout: 'zero', wakesPerSecond: 0 },
  { ready: 1, position: 'last', timeout: 'finite', wakesPerSecond: 0 },
  { ready: 1, position: 'last', timeout: 'infinite', wakesPerSecond: 0 },
  { ready: 1, position: 'last', timeout: 'slept', wakesPerSecond: 500 },
];

const watchedFdsCells = (): Cell[] =>
  conditions.flatMap(({ ready, position, timeout, wakesPerSecond }) =>
    COUNTS.flatMap((watched) =>
      POLLERS.flatMap((poller): Cell[] => {
        const factors: Factors = {
          watched,
          ready,
          position,
          timeout,
          wakesPerSecond,
          temperature: 'hot',
          fileTable: 'private',
          socket: 'tcp',
        };
        const cell = measured('watched-fds', poller, factors, turnMetrics(poller, watched, timeout, ready));
        if (poller === 'select' && watched > 1_000) {
          const reason = 'select refuses fds of FD_SETSIZE (1 024) and above';
          return [{ ...cell, status: 'skipped', reason, metrics: {} }];
        }
        const cpu = figure(turnNs(poller, watched, timeout, ready), 'ns');
        return [cell, measured('watched-fds', poller, factors, { cpuNsPerTurn: cpu }, 'c-twin')];
      }),
    ),
  );

const highestFdCells = (): Cell[] =>
  NUMBERS.flatMap((highestFd) =>
    POLLERS.filter((poller) => poller !== 'select' || highestFd < 1_024).map((poller) => {
      const factors = {
        highestFd,
        watched: 1,
        position: 'none',
        timeout: 'zero',
        fileTable: 'private',
        socket: 'tcp',
      };
      const step = poller.startsWith('select') && highestFd > 320 ? 130 : 0;
      return measured('highest-fd', poller, factors, {
        cpuNsPerTurn: figure(turnNs(poller, 1, 'zero', 0) + 10 + step, 'ns'),
      });
    }),
  );

const COMPLETED = [
  'ready-fds',
  'few-sockets',
  'workload-grid',
  'temperature',
  'file-table',
  'churn',
  'cascade',
  'idle',
  'accept-herd',
  'memory',
];

const exampleRunWhole = (): Run => ({
  schemaVersion: 2,
  id: '20000101T000000Z-0000',
  tool: 'pollcost 0.0.0-synthetic',
  pid: 1,
  status: 'completed',
  startedAt: '2000-01-01T00:00:00Z',
  finishedAt: '2000-01-01T00:03:41Z',
  profile: 'standard',
  seed: 42,
  planHash: `sha256:${'0'.repeat(64)}`,
  environment: {
    kernel: '0.0.0-synthetic',
    arch: 'x64',
    cpuModel: 'Synthetic CPU, never measured',
    cpus: 2,
    pinnedTo: 1,
    virtualization: 'kvm',
    container: false,
    memoryBytes: 24 * 2 ** 30,
    node: '20.20.2',
    v8: '11.3',
    koffi: '3.3.4',
    cc: 'gcc 12.2.0',
    fdLimitSoft: 20_000,
    fdLimitHard: 20_000,
    uid0: true,
    slabinfo: false,
    unshare: true,
    maxUserWatches: 5_600_000,
    governor: null,
    clocksource: 'kvm-clock',
    mitigations: ['Spectre v2: a made-up mitigation', 'Retbleed: a made-up mitigation'],
    irqTimeAccounting: null,
    btf: true,
    realtime: null,
    loadSharesCore: null,
    commit: null,
    dirty: null,
  },
  experiments: [
    { id: 'watched-fds', status: 'completed', rounds: ROUNDS, launches: LAUNCHES, seconds: 24.6 },
    { id: 'highest-fd', status: 'completed', rounds: ROUNDS, launches: LAUNCHES, seconds: 11.9 },
    ...COMPLETED.map((id) => ({
      id,
      status: 'completed' as const,
      rounds: 6,
      launches: LAUNCHES,
      seconds: 12,
    })),
    {
      id: 'limits',
      status: 'skipped',
      reason: 'it was not asked for',
      rounds: 0,
      launches: 0,
      seconds: 0,
    },
    {
      id: 'server',
      status: 'failed',
      reason: 'the herd ended in its last round',
      rounds: 2,
      launches: 1,
      seconds: 7.3,
    },
  ],
  noise: {
    aaRatio: { ...figure(1.001, 'ratio'), low: 0.996, high: 1.006 },
    flaggedRounds: 1,
    fullSpeedNs: null,
    shareAtFullSpeed: null,
  },
  cells: [...watchedFdsCells(), ...highestFdCells(), ...turnCells(), ...serverAndMemoryCells()],
  models: [],
  claims: [...exampleClaims],
  warnings: [
    {
      code: 'fd-limit',
      message: 'At most 20 000 files can be open, so the sweep ends at 4 000 watched fds.',
      advice: 'Raise the hard limit of RLIMIT_NOFILE and run again to see larger counts.',
    },
    {
      code: 'steal',
      message: 'The hypervisor took 3 ms away during one round.',
      advice: 'Close what else runs on the host, or trust the flagged figures less.',
    },
  ],
});

/**
 * A synthetic run, with some of its parts replaced; validated, so a test cannot rely on an impossible run.
 */
export const exampleRun = (changes: Partial<Run> = {}): Run =>
  runSchema.parse({ ...exampleRunWhole(), ...changes });

/** A run that has only begun: no cell, no claim, no noise figure. */
export const emptyRun = (changes: Partial<Run> = {}): Run =>
  exampleRun({
    status: 'running',
    finishedAt: null,
    experiments: [],
    noise: { aaRatio: null, flaggedRounds: 0, fullSpeedNs: null, shareAtFullSpeed: null },
    cells: [],
    claims: [],
    warnings: [],
    ...changes,
  });

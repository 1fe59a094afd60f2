import type { Claim, Effect } from '../../harness/results/run-schema.js';
import { effect } from './example-figures.js';

/** Support for tests: claims whose effects have the names that the real ones have. */

const rule = {
  version: 1,
  text: 'A made-up rule: holds if the interval lies in 0.9..1.1, fails if it lies outside.',
};
const finding = 'A made-up finding: watching 1 000 sockets costs 80 times what one costs.';
const explanation =
  'A made-up explanation of the mechanism, as long as a real one, so that the page can be judged with it: ' +
  'the kernel walks the set that it was given at every call, or it keeps the set and walks what is ready.';

const LIVES = {
  steady: { ratio: 1.2, factors: { churnPer100: 0, instance: 'kept' } },
  churn: { ratio: 0.9, factors: { churnPer100: 100, instance: 'kept' } },
  fresh: { ratio: 0.15, factors: { churnPer100: 0, instance: 'fresh' } },
} as const;
const STATES = {
  IdleZero: { ready: 0, position: 'none', timeout: 'zero' },
  ReadyZero: { ready: 1, position: 'last', timeout: 'zero' },
  ReadyFinite: { ready: 1, position: 'last', timeout: 'finite' },
} as const;
const COUNTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 24];

const fewSocketsRatios = (): Effect[] =>
  Object.entries(LIVES).flatMap(([life, { ratio, factors }]) =>
    Object.entries(STATES).flatMap(([state, conditions]) =>
      COUNTS.flatMap((watched) =>
        (['pollcost', 'c-twin'] as const).map((series) =>
          effect(
            `${life}${state}SelectOverEpoll${series === 'c-twin' ? 'Net' : ''}At${watched}`,
            (ratio + watched / 60) * (series === 'c-twin' ? 1.04 : 1),
            'ratio',
            watched <= 10,
            {
              experiment: 'few-sockets',
              poller: 'select',
              overPoller: 'epoll',
              series,
              watched,
              ...factors,
              ...conditions,
            },
          ),
        ),
      ),
    ),
  );

const gridRatios = (): Effect[] =>
  ['select-wide', 'poll'].flatMap((overPoller) =>
    [10, 100, 1_000].flatMap((watched) =>
      [...new Set([1, watched / 10, watched / 2])].flatMap((ready) =>
        [0, 1, 100].flatMap((churnPer100) =>
          ['zero', 'finite'].map((timeout) =>
            effect(
              `epollOver${overPoller}${watched}Watched${ready}Ready${churnPer100}Churn${timeout}`,
              0.2 + (1.6 * ready) / watched + churnPer100 / 250 + (timeout === 'finite' ? 0.02 : 0),
              'ratio',
              watched >= 100 && ready <= watched / 10 && churnPer100 <= 1,
              {
                experiment: 'workload-grid',
                poller: 'epoll',
                overPoller,
                series: 'pollcost',
                watched,
                ready,
                churnPer100,
                timeout,
                instance: 'kept',
              },
            ),
          ),
        ),
      ),
    ),
  );

/** A claim with each of the four verdicts, from both sources, with as many effects as the real ones have. */
export const exampleClaims: readonly Claim[] = [
  {
    id: 'few-sockets-cpu',
    kind: 'measured',
    source: 'answer',
    statement: 'On ten sockets or fewer, select may take less time than epoll.',
    rule,
    finding,
    verdict: 'holds-when',
    condition: 'the instance is fresh at every turn, or one of the sockets changes each turn and N ≤ 17',
    effects: [
      effect('steadyIdleZeroWorstSelectOverEpoll', 1.37, 'ratio'),
      effect('churnReadyZeroWorstSelectOverEpoll', 0.93, 'ratio'),
      effect('freshReadyZeroWorstSelectOverEpoll', 0.31, 'ratio'),
      effect('churnReadyZeroCrossoverWatched', 17, 'count', false),
      effect('churnReadyFiniteCrossoverWatched', 8, 'count', false),
      ...fewSocketsRatios(),
    ],
    evidence: ['few-sockets', 'watched-fds'],
    explanation,
  },
  {
    id: 'small-difference',
    kind: 'measured',
    source: 'answer',
    statement: 'For so few sockets the difference hardly matters.',
    rule,
    finding,
    verdict: 'holds',
    effects: [
      ...[1, 4, 10, 16].map((count) =>
        effect(
          `shareOfRequestAt${count}`,
          0.004 + count / 500,
          'ratio',
          true,
          { experiment: 'server', poller: 'select', overPoller: 'epoll', idle: count - 1, active: 1 },
          'share',
        ),
      ),
      effect('boundaryConnections', 14, 'count'),
    ],
    evidence: ['server'],
    explanation,
  },
  {
    id: 'highest-fd',
    kind: 'measured',
    source: 'answer',
    statement: 'select costs by the highest fd: one fd numbered 100 costs twice as much as one numbered 50.',
    rule,
    finding,
    verdict: 'fails',
    effects: [
      effect('selectCostRatio100Over50', 1.004, 'ratio'),
      effect('pollCostRatio100Over50', 1.001, 'ratio', false),
      effect('epollCostRatio100Over50', 0.999, 'ratio', false),
      effect('difference100Minus50InWatchedFds', 0.04, 'ratio', false, {}, 'fds'),
    ],
    evidence: ['highest-fd'],
    explanation,
  },
  {
    id: 'pay-for-ready',
    kind: 'measured',
    source: 'answer',
    statement:
      'epoll costs by the fds that have events: of 200 watched with 100 ready, one pays for the 100.',
    rule,
    finding,
    verdict: 'holds',
    effects: [
      effect('epollCost200Over100', 1.002, 'ratio'),
      effect('epollIdleOverReadySlope', 0.004, 'ratio'),
      effect('selectCost200Over100', 1.91, 'ratio', false),
    ],
    evidence: ['ready-fds'],
    explanation,
  },
  {
    id: 'less-cpu-mostly',
    kind: 'measured',
    source: 'answer',
    statement: 'epoll leads to less CPU for most workloads.',
    rule,
    finding,
    verdict: 'holds',
    effects: [
      effect('worstEpollOverOtherInGrid', 0.41, 'ratio'),
      effect('shareOfGridWhereEpollIsSurelyCheaper', 0.72, 'ratio', false, {}, 'share'),
      effect('epollOverPollCrossoverAt1000Zero', 0.48, 'ratio', false, {}, 'share'),
      ...gridRatios(),
    ],
    evidence: ['workload-grid', 'server'],
    explanation,
  },
  {
    id: 'epoll-20-bytes',
    kind: 'read',
    source: 'answer',
    statement: 'epoll takes about 20 bytes for each fd that it watches.',
    rule,
    finding,
    verdict: 'undecided',
    missing: 'root, to read the kernel’s slabs',
    effects: [effect('kernelBytesPerFdComputed', 232, 'bytes', false)],
    evidence: ['memory'],
    explanation,
  },
  {
    id: 'busy-polling',
    kind: 'measured',
    source: 'notes',
    statement: 'Trying every stream over and over burns a CPU, whatever happens; select and epoll block.',
    rule,
    finding,
    verdict: 'holds',
    effects: [effect('busyShareAt10', 0.97, 'cores'), effect('epollShareAt10', 0.0004, 'cores')],
    evidence: ['idle'],
    explanation,
  },
];

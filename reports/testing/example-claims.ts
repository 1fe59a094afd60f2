import type { Claim, Effect } from '../../harness/results/run-schema.js';
import { effect } from './example-figures.js';

/** Support for tests: claims whose effects have the names that the real ones have. */

const rule = {
  version: 1,
  text: 'A made-up rule: holds if the interval lies in 0.9..1.1, fails if it lies outside.',
};
const explanation =
  'A made-up explanation of the mechanism, as long as a real one, so that the page can be judged with it: ' +
  'the kernel walks the set that it was given at every call, or it keeps the set and walks what is ready.';

const LIVES = { steady: 1.2, churn: 0.9, fresh: 0.15 } as const;
const STATES = ['IdleZero', 'ReadyZero', 'ReadyFinite'];
const COUNTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 24];

const fewSocketsRatios = (): Effect[] =>
  Object.entries(LIVES).flatMap(([life, ratio]) =>
    STATES.flatMap((state) =>
      COUNTS.flatMap((count) =>
        ['', 'Net'].map((kind) =>
          effect(
            `${life}${state}SelectOverEpoll${kind}At${count}`,
            (ratio + count / 60) * (kind ? 1.04 : 1),
            'ratio',
            count <= 10,
          ),
        ),
      ),
    ),
  );

const gridRatios = (): Effect[] =>
  ['Select', 'Poll'].flatMap((other) =>
    [10, 100, 1_000].flatMap((watched) =>
      [...new Set([1, watched / 10, watched / 2])].flatMap((ready) =>
        [0, 1, 100].flatMap((churn) =>
          ['Zero', 'Finite'].map((timeout) =>
            effect(
              `epollOver${other}${watched}Watched${ready}Ready${churn}Churn${timeout}`,
              0.2 + (1.6 * ready) / watched + churn / 250 + (timeout === 'Finite' ? 0.02 : 0),
              'ratio',
              watched >= 100 && ready <= watched / 10 && churn <= 1,
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
    verdict: 'holds',
    effects: [
      ...[1, 4, 10, 16].map((count) => effect(`shareOfRequestAt${count}`, 0.004 + count / 500, 'ratio')),
      effect('boundaryWatched', 14, 'count'),
    ],
    evidence: ['few-sockets', 'server'],
    explanation,
  },
  {
    id: 'highest-fd',
    kind: 'measured',
    source: 'answer',
    statement: 'select costs by the highest fd: one fd numbered 100 costs twice as much as one numbered 50.',
    rule,
    verdict: 'fails',
    effects: [
      effect('costRatio100Over50', 1.004, 'ratio'),
      effect('pollCostRatio100Over50', 1.001, 'ratio', false),
      effect('epollCostRatio100Over50', 0.999, 'ratio', false),
      effect('difference100Minus50InWatchedFds', 0.04, 'ratio', false),
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
    verdict: 'holds',
    effects: [
      effect('worstEpollOverOtherInGrid', 0.41, 'ratio'),
      effect('shareOfGridWhereEpollIsSurelyCheaper', 0.72, 'ratio', false),
      effect('epollOverPollCrossoverAt1000Zero', 0.48, 'ratio', false),
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
    verdict: 'holds',
    effects: [effect('busyShareAt10', 0.97, 'cores'), effect('epollShareAt10', 0.0004, 'cores')],
    evidence: ['idle'],
    explanation,
  },
];

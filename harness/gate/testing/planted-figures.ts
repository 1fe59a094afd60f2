import { randomFrom, seedFrom } from '../../statistics/random.js';
import { type Figures, figuresOf, type GateSample } from '../figures.js';

/** What a planted launch of a version is like. */
export interface Planted {
  /** How many times its usual cost epoll has. */
  readonly epoll?: number;
  readonly poll?: number;
  readonly fdsExamined?: number;
  /** The scatter between launches. */
  readonly scatter?: number;
  /** The share of samples that a neighbour doubles, and whether the sentinel is read. */
  readonly disturbed?: number;
  readonly sentinel?: boolean;
}

const FACTORS =
  'ready=0,position=none,timeout=zero,wakesPerSecond=0,temperature=hot,fileTable=private,socket=tcp';

/** The samples of one launch of watched-fds with two pollers, three rounds and a twin each, as a run folder has them. */
export function plantedSamples(seed: number, planted: Planted = {}): GateSample[] {
  const { epoll = 1, poll = 1, scatter = 0.03, disturbed = 0, fdsExamined = 1, sentinel = true } = planted;
  const random = randomFrom(seedFrom(seed));
  const around = (value: number) => value * Math.exp(scatter * (random() + random() - 1));
  const own = { epoll: around(1), poll: around(1) };
  return [0, 1, 2].flatMap((round) =>
    (['epoll', 'poll'] as const).flatMap((poller) =>
      [1, 1000].flatMap((watched) =>
        ['pollcost', 'c-twin'].map((series): GateSample => {
          const slow = random() < disturbed ? 2 : 1;
          const cost = poller === 'epoll' ? 250 * epoll : (200 + watched * 60) * poll;
          const js = series === 'pollcost' ? own[poller] * cost : cost * 0.8;
          return {
            launch: 0,
            round,
            cell: `watched-fds/${poller}/${series}/watched=${watched},${FACTORS}`,
            metrics: {
              cpuNsPerTurn: slow * js * (1 + 0.01 * random()),
              fdsExamined: poller === 'epoll' ? fdsExamined : watched,
            },
            ...(sentinel && { speed: { before: 2 * slow, after: 2 * slow * (1 + 0.02 * random()) } }),
          };
        }),
      ),
    ),
  );
}

export const plantedPairs = (count: number, seed: number, reference: Planted, current: Planted) =>
  Array.from({ length: count }, (_, pair) => ({
    reference: plantedLaunch(seedFrom(seed, pair, 'reference'), reference),
    current: plantedLaunch(seedFrom(seed, pair, 'current'), current),
  }));

export const plantedLaunch = (seed: number, planted?: Planted): Figures =>
  figuresOf(plantedSamples(seed, planted));

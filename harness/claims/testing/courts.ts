import type { Claim, Verdict } from '../../results/run-schema.js';
import { judge } from '../judge.js';
import { claims } from '../registry.js';
import * as beyond from './planted-beyond.js';
import * as few from './planted-few.js';
import * as ledgers from './planted-ledgers.js';
import * as limits from './planted-limits.js';
import { around, type Planted, plantedEvidence } from './planted-run.js';
import * as servers from './planted-servers.js';
import * as turns from './planted-turns.js';

/**
 * For each claim runs whose every figure is planted: in one of them it holds, in one it fails, and one decides nothing. Where
 * figures that were swapped between two pollers have to change the verdict, they are there as well. What is counted has no
 * interval that could lie astride a limit: of the claims that rest on counts alone (beyond-fd-setsize, regular-files,
 * scan-after-select) the run that decides nothing lacks one.
 */

export interface Court {
  readonly holds: readonly Planted[];
  readonly fails: readonly Planted[];
  readonly undecided: readonly Planted[];
  /** Who changes places with whom in the run in which it holds; or why nothing would change. */
  readonly swap: readonly [string, string] | string;
  /** What the noise floor is, where it is not a ten-thousandth. */
  readonly aaRatio?: number;
}

/** Two pollers in each other's place. */
export function swapped(planted: readonly Planted[], [one, other]: readonly [string, string]): Planted[] {
  const instead: Record<string, string> = { [one]: other, [other]: one };
  return planted.map((plant) => ({ ...plant, poller: instead[plant.poller] ?? plant.poller }));
}

/** Judges one claim on a planted run. */
export function hold(
  id: string,
  planted: readonly Planted[],
  { aaRatio = 1.0001 }: Pick<Court, 'aaRatio'>,
): Claim {
  const definition = claims.find((claim) => claim.id === id);
  if (!definition) throw new Error(`no claim is called ${id}`);
  return judge(definition, plantedEvidence(planted, aaRatio));
}

export interface Sitting {
  readonly id: string;
  readonly holds: Verdict;
  readonly fails: Verdict;
  readonly undecided: Verdict;
  readonly swapped: Verdict | string;
}

/** All verdicts of all courts. */
export const sittings = (): Sitting[] =>
  Object.entries(COURTS).map(([id, court]) => {
    const verdict = (planted: readonly Planted[]) => hold(id, planted, court).verdict;
    return {
      id,
      holds: verdict(court.holds),
      fails: verdict(court.fails),
      undecided: verdict(court.undecided),
      swapped: typeof court.swap === 'string' ? court.swap : verdict(swapped(court.holds, court.swap)),
    };
  });

const { always, belowOnly, noFiles, deaf } = limits;
const asLinuxDoes = { select: belowOnly, 'select-wide': always, poll: always, epoll: noFiles };
const without = (planted: readonly Planted[], probe: string): Planted[] =>
  planted.map((plant) => (plant.factors.probe === probe ? { ...plant, skipped: 'too few fds' } : plant));

const { ledger, linux, small, growth, single, large, full } = ledgers;
const bothWays = (of: typeof linux, spread = 0.01) => [...growth(of), ...growth(of, 'read', spread)];
const blocked = (computed: number, read: number, spread = 0.005): Planted[] => [
  full({ kernelBlockedBytes: computed }),
  ledger({ poller: 'select', watched: 992 }, { kernelBlockedBytes: computed }),
  ledger({ poller: 'select', watched: 992, source: 'read' }, { kernelBlockedBytes: read }, linux, spread),
];
const page = (kernelBlockedBytes: number) => ledgers.few(() => ({ kernelBlockedBytes }));
const confirmed = (kernelBlockedBytes: number): Planted[] => [
  ledger({ poller: 'select', watched: 992 }),
  ledger({ poller: 'select', watched: 992, source: 'read' }, { kernelBlockedBytes }, linux, 0.01),
];

const { beating, windows, idleRun, loaded } = servers;
const { byNumber, growing, grid, likeLinux, line, scaling, scanning, square, sweep } = turns;
const { cheap, dear, requests } = few;
/** The cells with so many fds vary by up to 30 % from round to round. */
const unsteadyAt = (watched: number, planted: readonly Planted[]): Planted[] =>
  planted.map((plant) => {
    if (plant.factors.watched !== watched) return plant;
    const { cpuNsPerTurn = 0 } = plant.metrics;
    const middle = typeof cpuNsPerTurn === 'number' ? cpuNsPerTurn : (cpuNsPerTurn[0]?.[0] ?? 0);
    return { ...plant, metrics: { ...plant.metrics, cpuNsPerTurn: around(middle, 0.3) } };
  });
const hundred = beating(100, { p99: 200 });

export const COURTS: Readonly<Record<string, Court>> = {
  'few-sockets-cpu': {
    holds: few.turns({ steady: cheap, churn: dear, fresh: dear }),
    fails: few.turns({ steady: dear, churn: dear, fresh: dear }),
    undecided: few.turns({ steady: () => 1000, churn: dear, fresh: dear }),
    swap: ['select', 'epoll'],
  },
  'few-sockets-memory': {
    holds: [...page(0), ...confirmed(768 + 16 * 4096)],
    fails: [...page(4096), ...confirmed(768 + 16 * 4096)],
    undecided: [...page(0), ...confirmed(4096)],
    swap: ['select', 'epoll'],
  },
  'small-difference': {
    holds: requests(() => 30.3),
    fails: requests(() => 40),
    undecided: requests(() => 31.5),
    swap: 'a difference is as small in either direction',
  },
  'highest-fd': {
    holds: byNumber(400, 800),
    fails: byNumber(400, 402),
    undecided: byNumber(around(400, 0.3), 600),
    swap: 'it compares two numbers under one poller: in the other order 2 becomes 0.5, and it fails',
  },
  'both-linear': {
    holds: scaling(line, line, line),
    fails: scaling(square, line, line),
    undecided: unsteadyAt(
      1000,
      scaling((count) => 400 + 40 * count ** 1.09, line, line),
    ),
    swap: 'it asks the same of each poller',
  },
  'pay-for-ready': {
    holds: sweep(0, 115),
    fails: sweep(60, 115),
    undecided: unsteadyAt(200, sweep(0, 115)),
    swap: 'it is about epoll alone',
  },
  'idle-is-free': {
    holds: growing(120, 240, 1),
    fails: growing(120, 240, 2),
    undecided: growing(120, 20, 1),
    swap: ['select-wide', 'epoll'],
  },
  'less-cpu-mostly': {
    holds: [...grid(likeLinux), ...loaded(50)],
    fails: [...grid(() => 1500), ...loaded(50)],
    undecided: [...grid(() => 1000), ...loaded(50)],
    swap: ['select-wide', 'epoll'],
  },
  'select-384-bytes': {
    holds: blocked(380, 376),
    fails: [full({ userBytes: 129 }), ...blocked(66_000, 65_536).slice(1)],
    undecided: blocked(384, 384, 0.1),
    swap: 'it is about select alone',
  },
  'epoll-20-bytes': {
    holds: bothWays(small),
    fails: bothWays(linux),
    undecided: [...growth(linux), ...growth(small, 'read', 0.01)],
    swap: 'it is about epoll alone',
  },
  'one-high-fd': {
    holds: [...single({}, small), ...bothWays(small)],
    fails: [...single({ userBytes: 8 }), ...bothWays(linux)],
    undecided: [...single({}, small), ...bothWays(linux)],
    swap: 'select and epoll are each asked something else',
  },
  'beyond-fd-setsize': {
    holds: limits.limits({ ...asLinuxDoes, 'select-wide': belowOnly }),
    fails: limits.limits({ ...asLinuxDoes, poll: deaf }),
    undecided: without(limits.limits(asLinuxDoes), 'fd-4096'),
    swap: ['select', 'epoll'],
  },
  'regular-files': {
    holds: limits.limits(asLinuxDoes),
    fails: limits.limits({ ...asLinuxDoes, epoll: always }),
    undecided: without(limits.limits(asLinuxDoes), 'regular-file'),
    swap: ['select', 'epoll'],
  },
  'busy-polling': {
    holds: idleRun(0.99, 0.0002),
    fails: idleRun(0.99, 0.02),
    undecided: idleRun(around(0.95, 0.02), 0.0002),
    swap: ['busy', 'epoll'],
  },
  'numbers-are-small': {
    holds: [...large(), ...large('read', {}, 0.01)],
    fails: [...large('computed', { userCopyBytes: 10e6 }), ...large('read', { userCopyBytes: 10e6 }, 0.01)],
    undecided: [...large(), ...large('read', { userCopyBytes: 10e6 }, 0.01)],
    swap: 'it asks the same of each poller',
  },
  'scan-after-select': {
    holds: scanning(60, 4000, 1),
    fails: scanning(60, 4000, 3),
    undecided: scanning(60, 4000, 1).map((plant) => ({
      ...plant,
      factors: { ...plant.factors, watched: plant.factors.watched === 1 ? 500 : 4000 },
    })),
    swap: ['poll', 'epoll'],
  },
  'one-thread-thousands': {
    holds: [hundred, beating(19_900, { p99: 180 })],
    fails: [hundred, beating(19_900, { p99: 180, errors: windows((round) => Number(round === 7)) })],
    undecided: [hundred, beating(19_900, { p99: around(400, 0.2) })],
    swap: 'it compares two numbers of connections under one poller',
  },
  'io-uring-cheaper-turn': {
    holds: beyond.cycles(() => 0.8),
    fails: beyond.cycles(() => 1.3),
    undecided: beyond.cycles(() => 0.9, 0.1),
    swap: ['io_uring', 'epoll'],
  },
  'io-uring-idle-free': {
    holds: beyond.ringTurns(1.05),
    fails: beyond.ringTurns(2),
    undecided: beyond.ringTurns(1.25, 0.1),
    swap: 'it is about io_uring alone',
  },
  'io-uring-memory': {
    holds: beyond.ringLedgers(256),
    fails: beyond.ringLedgers(640),
    undecided: beyond.ringLedgers(256, 640),
    swap: 'a factor of two is as much in either direction',
  },
  'oneshot-costs-a-syscall': {
    holds: beyond.rearming(1, 1.1),
    fails: beyond.rearming(0, 1),
    undecided: beyond.rearming(1, 1, 0.1),
    swap: ['epoll', 'epoll-oneshot'],
  },
  'exclusive-ends-the-herd': {
    holds: beyond.herds(2.8, 0.02),
    fails: beyond.herds(0.4, 0.02),
    undecided: beyond.herds(1, 0.02, 0.3),
    swap: 'it is about epoll alone',
  },
};

import { cellId } from '../../results/cell-id.js';
import { METRIC_UNITS, type MetricName } from '../../results/metrics.js';
import type { Cell, Figure, Run, Verdict } from '../../results/run-schema.js';
import type { Sample } from '../../results/samples-schema.js';
import { LEVEL_OF_TWO } from '../../run/more-rounds.js';
import { SampleStore } from '../../run/sample-store.js';
import { medianInterval } from '../../statistics/bootstrap.js';
import { median } from '../../statistics/median.js';
import { randomFrom } from '../../statistics/random.js';
import { Evidence } from '../evidence.js';
import { judge } from '../judge.js';
import { claims } from '../registry.js';
import * as beyond from './planted-beyond.js';
import * as few from './planted-few.js';
import type { Planted } from './planted-run.js';
import * as servers from './planted-servers.js';
import * as turns from './planted-turns.js';

/**
 * How often a measured claim gets a verdict that the truth denies. The truth is planted right at a limit of its rule, where
 * verdicts are most often false: from within, `fails` is one, from outside, what supports the claim is one. Nothing is sure
 * there, so that neither should come out often.
 */

/** As recorded runs scatter (docs/sentinel.md, npm run noise): each launch of each cell, and each batch of it, as factors. */
export const SCATTER = { launch: 0.03, batch: 0.03 };
/** Of a first look; a second one, where the first is open, has twice as many launches. */
const LAUNCHES = 3;
const ROUNDS = 6;

export interface AtLimit {
  readonly id: string;
  readonly limit: string;
  /** Every figure is the truth, without scatter. */
  readonly truth: readonly Planted[];
}

const { byNumber, ready, growing, grid } = turns;
const at = (id: string, limit: string, truth: readonly Planted[]): AtLimit => ({ id, limit, truth });
const power =
  (exponent: number): turns.Cost =>
  (count) =>
    400 + 70 * count ** exponent;
/** 200 watched over 100, and as much for all who watch more. */
const moreWatched = (ratio: number): Planted[] => [
  ready('epoll', 100, 100, 12_000, 0),
  ready('epoll', 200, 100, 12_000 * ratio, 0),
  ready('epoll', 1000, 100, 12_000 * ratio, 0),
  ready('epoll', 1000, 1000, 120_000, 0),
];
/** Both of its limits at once: 200 watched over 100, and an idle fd over a ready one. */
const bothOfReady: Planted[] = [
  ready('epoll', 100, 100, 12_000, 0),
  ready('epoll', 200, 100, 13_200, 0),
  ready('epoll', 1000, 100, 13_200 + 800 * 1.15, 0),
  ready('epoll', 1000, 1000, 13_200 + 800 * 1.15 + 900 * 115, 0),
];
/** As dear at 10 fds, surely cheaper with fewer. */
const evenAtTen: few.Costs = (count) => (count === 10 ? 1000 : 500);
/** One of the nine conditions. */
const isFreshReady = ({ factors }: Planted): boolean =>
  factors.instance === 'fresh' && factors.ready === 1 && factors.timeout === 'zero';
const dearButInOne = few
  .turns({ steady: few.dear, churn: few.dear, fresh: few.dear }, null, 0)
  .map((plant) => (isFreshReady(plant) ? { ...plant, metrics: { cpuNsPerTurn: 1000 } } : plant));
const evenAt = (share: number) => grid((active) => (active <= share ? 1000 : 500), 0);
const hundred = servers.beating(100, { p99: 200 });

/** Every measured claim at each limit of its rule, the rest of it clearly within. */
export const AT_LIMITS: readonly AtLimit[] = [
  at(
    'few-sockets-cpu',
    'select as dear as epoll at 10 fds that stay',
    few.turns({ steady: evenAtTen, churn: few.dear, fresh: few.dear }, () => 500, 0),
  ),
  at(
    'few-sockets-cpu',
    'select as dear as epoll everywhere',
    few.turns({ steady: () => 1000, churn: () => 1000, fresh: () => 1000 }, null, 0),
  ),
  at(
    'few-sockets-cpu',
    'dearer where they stay, as dear at 10 fds elsewhere',
    few.turns({ steady: few.dear, churn: evenAtTen, fresh: evenAtTen }, () => 500, 0),
  ),
  at('few-sockets-cpu', 'as dear in one condition, dearer in the others', dearButInOne),
  at(
    'small-difference',
    '5 % of a request at all N',
    few.requests(
      () => 31.5,
      () => 30,
      0,
    ),
  ),
  at('highest-fd', 'cost(100) is 1.5 of cost(50)', byNumber(400, 600)),
  at('highest-fd', 'cost(100) is 2.5 of cost(50)', byNumber(400, 1000)),
  at('both-linear', "select's exponent is 1.1", turns.scaling(power(1.1), power(1), power(1))),
  at('both-linear', "poll's exponent is 0.9", turns.scaling(power(1), power(0.9), power(1))),
  at('both-linear', 'each exponent is 1.1', turns.scaling(power(1.1), power(1.1), power(1.1))),
  at('pay-for-ready', '200 watched cost 1.1 of 100', moreWatched(1.1)),
  at('pay-for-ready', 'an idle fd costs 1 % of a ready one', turns.sweep(1.15, 115, 0)),
  at('pay-for-ready', 'both at once', bothOfReady),
  at('idle-is-free', "select's growth is 20", growing(20, 240, 1)),
  at('idle-is-free', "epoll's growth is 1.25", growing(120, 240, 1.25)),
  at('idle-is-free', 'all three at once', growing(20, 20, 1.25)),
  at('less-cpu-mostly', 'as dear with one fd active of 1 000', [...evenAt(0.001), ...servers.loaded(50)]),
  at('less-cpu-mostly', 'as dear everywhere', [...evenAt(1), ...servers.loaded(50)]),
  at('busy-polling', 'busy takes 95 %', servers.idleRun(0.95, 0.0002)),
  at('busy-polling', 'poll takes 1 %', servers.idleRun(0.99, 0.01)),
  at('busy-polling', 'all but busy take 1 %', servers.idleRun(0.99, 0.01, 0.01)),
  at('busy-polling', 'each at its limit', servers.idleRun(0.95, 0.01, 0.01)),
  at('one-thread-thousands', 'p99 is 2 of that of 100', [hundred, servers.beating(19_900, { p99: 400 })]),
  at(
    'io-uring-cheaper-turn',
    'a cycle takes 0.9 of epoll’s',
    beyond.cycles(() => 0.9, 0),
  ),
  at(
    'io-uring-cheaper-turn',
    'a cycle takes 1.1 of epoll’s',
    beyond.cycles(() => 1.1, 0),
  ),
  at(
    'io-uring-cheaper-turn',
    '0.9 with 1 ready, as much with more',
    beyond.cycles((count) => (count === 1 ? 0.9 : 1), 0),
  ),
  at(
    'io-uring-cheaper-turn',
    '1.1 with 1 ready, 1.3 with more',
    beyond.cycles((count) => (count === 1 ? 1.1 : 1.3), 0),
  ),
  at('io-uring-idle-free', 'the growth is 1.25', beyond.ringTurns(1.25, 0)),
  at('oneshot-costs-a-syscall', 'a request takes as much CPU time', beyond.rearming(1, 1, 0)),
  at('exclusive-ends-the-herd', 'one empty wake-up per connection without', beyond.herds(1, 0.02, 0)),
  at('exclusive-ends-the-herd', '0.1 empty wake-ups with EPOLLEXCLUSIVE', beyond.herds(2.8, 0.1, 0)),
  at('exclusive-ends-the-herd', 'both at once', beyond.herds(1, 0.1, 0)),
];

/** Comes out the same every time. */
const COUNTED = /^(errors|lateBeats|fdsExamined|syscallsPerRequest|fairness|wakeupsPerSecond)$/;

export type Tally = Readonly<Record<Verdict, number>>;

/** How often each verdict comes out of so many runs. */
export function tallyOf({ id, truth }: AtLimit, runs: number, seed: number): Tally {
  const tally: Record<Verdict, number> = { holds: 0, 'holds-when': 0, fails: 0, undecided: 0 };
  const random = randomFrom(seed);
  for (let run = 0; run < runs; run++) tally[verdictOf(id, truth, random)]++;
  return tally;
}

function verdictOf(id: string, truth: readonly Planted[], random: () => number): Verdict {
  const claim = claims.find((each) => each.id === id);
  if (!claim) throw new Error(`no claim is called ${id}`);
  const store = new SampleStore();
  const look = (from: number): Verdict => {
    for (let launch = from; launch < from + LAUNCHES; launch++) addLaunch(store, truth, launch, random);
    const run = runOf(truth, store);
    const pollers = [...new Set(truth.map(({ poller }) => poller))];
    return judge(claim, new Evidence(run, store, { connections: null, pollers }, LEVEL_OF_TWO)).verdict;
  };
  const first = look(0);
  return first === 'undecided' ? look(LAUNCHES) : first;
}

const idOf = ({ experiment, poller, series = 'pollcost', factors }: Planted): string =>
  cellId(experiment, poller, series, factors);

/** A launch of every experiment: what each cell costs there, and batches around it. */
function addLaunch(
  store: SampleStore,
  truth: readonly Planted[],
  launch: number,
  random: () => number,
): void {
  for (const experiment of new Set(truth.map((plant) => plant.experiment))) {
    const cells = truth.filter((plant) => plant.experiment === experiment);
    const ofLaunch = cells.map(({ metrics }) =>
      Object.entries(metrics).map(([name, value]) => {
        const exact = typeof value === 'number' ? value : (value[0]?.[0] ?? Number.NaN);
        return [name, COUNTED.test(name) ? exact : exact * factor(random, SCATTER.launch)] as const;
      }),
    );
    for (let round = 0; round < ROUNDS; round++) {
      const samples = cells.map((cell, index): Sample => {
        const metrics = (ofLaunch[index] ?? []).map(
          ([name, cost]) => [name, COUNTED.test(name) ? cost : cost * factor(random, SCATTER.batch)] as const,
        );
        const line = { experiment, launch, round, cell: idOf(cell), turns: 1000 };
        return { kind: 'sample', ...line, metrics: Object.fromEntries(metrics) };
      });
      const sentinels = { stealMs: 0, involuntarySwitches: 0, cpuPressureUs: 0 };
      const startedAt = new Date(0).toISOString();
      store.add([
        ...samples,
        { kind: 'round', experiment, launch, round, startedAt, seconds: 1, sentinels, flags: [] },
      ]);
    }
  }
}

const factor = (random: () => number, scatter: number): number => Math.exp(scatter * normal(random));

/** Box and Muller's. */
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** A run with these cells, whose intervals are computed when a claim asks for them. */
function runOf(truth: readonly Planted[], store: SampleStore): Run {
  const cells = truth.map((plant): Cell => {
    const { experiment, poller, series = 'pollcost', factors, metrics } = plant;
    const id = idOf(plant);
    const figures = Object.keys(metrics).map((name) => [name, figureOf(name, store, id)] as const);
    const base = { id, experiment, poller, series, factors, flags: [] };
    return { ...base, status: 'measured', metrics: Object.fromEntries(figures) };
  });
  const experiments = [...new Set(truth.map(({ experiment }) => experiment))].map((id) => ({
    id,
    status: 'completed',
  }));
  const environment = { memoryBytes: 2 ** 34, maxUserWatches: null, slabinfo: true, btf: true };
  const noise = { aaRatio: null, flaggedRounds: 0 };
  return {
    seed: 1,
    profile: 'standard',
    warnings: [],
    environment,
    experiments,
    noise,
    cells,
  } as unknown as Run;
}

function figureOf(metric: string, store: SampleStore, id: string): Figure {
  const [rounds = []] = store.rounds(metric, [id]);
  let interval: ReturnType<typeof medianInterval> | undefined;
  const ends = () => {
    interval ??= medianInterval(rounds, { seed: 1, floor: 0 });
    return interval;
  };
  return {
    value: median(rounds.flat()),
    get low() {
      return ends().low;
    },
    get high() {
      return ends().high;
    },
    unit: METRIC_UNITS[metric as MetricName],
    n: rounds.flat().length,
    launches: rounds.length,
  };
}

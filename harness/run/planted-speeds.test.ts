import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { PollerName } from '../../pollers/manifest.js';
import { Evidence } from '../claims/evidence.js';
import { judge } from '../claims/judge.js';
import { claims } from '../claims/registry.js';
import type { Experiment, ExperimentPlan, Session, SessionSample, Visit } from '../experiments/experiment.js';
import { highestFd } from '../experiments/highest-fd.js';
import { plantedContext } from '../experiments/testing/planted-context.js';
import { watchedFds } from '../experiments/watched-fds.js';
import type { Figure, Run } from '../results/run-schema.js';
import { randomFrom } from '../statistics/random.js';
import { cellIdOf } from './plan.js';
import { ExperimentRun, runInTurns } from './runner.js';
import { SampleStore } from './sample-store.js';
import { noiseOf, summarise } from './summary.js';

/**
 * Subjects whose clock is slowed as that of a shared core is: in stretches, each sample with the sentinel that belongs to it.
 * Runner, statistics and claims must find what was planted under it.
 */

const SEED = 7;
const FULL_NS = 3.2;
const BATCH_MS = 2;
/** How many times slower, and for so many batches: about half of them at full speed, a tenth beside a neighbour in the cache. */
const STRETCHES = [
  [1.8, 17],
  [1, 13],
  [7, 6],
  [1, 21],
  [1.8, 13],
  [1, 8],
  [7, 3],
  [1.8, 4],
  [1, 12],
] as const;
const PATTERN = STRETCHES.flatMap(([slower, batches]) => Array<number>(batches).fill(slower));

/** What a turn costs, in ns: each call, each watched fd, and each number up to the highest fd. */
interface Costs {
  readonly perCall: number;
  readonly perWatched: number;
  readonly perFdNumber: number;
}
type Planted = Readonly<Record<PollerName, Costs>>;

const flat: Costs = { perCall: 400, perWatched: 0, perFdNumber: 0 };
const scanning: Costs = { ...flat, perWatched: 60 };

function truthOf(planted: Planted, { poller, factors }: Visit): number {
  const { perCall, perWatched, perFdNumber } = planted[poller] as Costs;
  return perCall + perWatched * Number(factors.watched) + perFdNumber * Number(factors.highestFd ?? 0);
}

/** `steady`: no neighbour; `sentinel`: whether anything is read beside the batches. */
interface Machine {
  readonly steady: boolean;
  readonly sentinel: boolean;
}

async function measure(t: TestContext, planted: Planted, { steady, sentinel }: Machine) {
  let nowMs = 0;
  // The runner pays for slow batches with the time that they take.
  t.mock.method(performance, 'now', () => nowMs);
  const random = randomFrom(SEED);
  const scatter = () => 1 + 0.02 * (random() - 0.5);
  const context = plantedContext({ pollers: Object.keys(planted) });
  const store = new SampleStore();
  let batches = 0;
  const subjectOf = (plan: ExperimentPlan): Session => ({
    pid: process.pid,
    async round(steps) {
      const made = steps.flatMap(({ visit, series }) => series.map((name) => ({ visit, series: name })));
      const samples = made.map(({ visit, series }): SessionSample => {
        const slower = steady ? 1 : (PATTERN[batches++ % PATTERN.length] as number);
        nowMs += BATCH_MS * slower;
        const cost = truthOf(planted, plan.visits[visit] as Visit) * slower * scatter();
        const speed = { before: FULL_NS * slower * scatter(), after: FULL_NS * slower * scatter() };
        const metrics = { cpuNsPerTurn: cost, wallNsPerTurn: cost };
        return { visit, series, turns: 100, ...(sentinel && { speed }), metrics };
      });
      return { samples, involuntarySwitches: 0 };
    },
    async end() {},
  });
  const runs = ([watchedFds, highestFd] as unknown as Experiment[]).map((experiment) => {
    const plan = experiment.plan(context);
    return new ExperimentRun({ ...experiment, open: async () => subjectOf(plan) }, plan);
  });
  const hooks = {
    seed: SEED,
    subjectCpu: null,
    record: store.add.bind(store),
    advance() {},
    isDone: () => false,
    fullSpeed: () => store.fullSpeed,
    stop: new AbortController().signal,
  };
  await runInTurns(runs, hooks, { starts() {}, ends() {}, ended() {} });
  const plans = runs.map(({ plan }) => plan);
  const cells = plans.flatMap((plan) => summarise(plan, store, SEED, undefined));
  const experiments = plans.map(({ id }) => ({
    id,
    status: 'completed',
    rounds: 1,
    launches: 3,
    seconds: 1,
  }));
  const noise = { ...noiseOf(cells, store), flaggedRounds: 0 };
  const run = { profile: 'quick', seed: SEED, cells, experiments, noise } as unknown as Run;
  const evidence = new Evidence(run, store, { connections: null, pollers: [] });
  const truths = new Map(
    plans.flatMap((plan) =>
      plan.visits.map((visit) => [cellIdOf(plan, visit, 'pollcost'), truthOf(planted, visit)] as const),
    ),
  );
  const figures = cells.flatMap(({ id, metrics }) => {
    const truth = truths.get(id);
    const figure = (metrics as Record<string, Figure>).cpuNsPerTurn;
    if (truth === undefined || figure === undefined) return [];
    const holdsTruth = figure.low <= truth && truth <= figure.high;
    return [{ error: Math.abs(figure.value / truth - 1), holdsTruth, share: figure.share }];
  });
  return { figures, verdicts: verdictsOf(evidence), store };
}

const JUDGED = ['idle-is-free', 'highest-fd'];

const verdictsOf = (evidence: Evidence) =>
  claims
    .filter(({ id }) => JUDGED.includes(id))
    .map((claim) => `${claim.id} ${judge(claim, evidence).verdict}`);

const PLANTED: readonly (readonly [string, Planted, readonly string[]])[] = [
  [
    'what the answer says of idle clients',
    { select: scanning, 'select-wide': scanning, poll: scanning, epoll: flat },
    ['highest-fd fails', 'idle-is-free holds'],
  ],
  [
    'what the answer says of the highest fd, and an epoll that pays for all',
    {
      select: { ...flat, perCall: 20, perFdNumber: 40 },
      'select-wide': scanning,
      poll: flat,
      epoll: scanning,
    },
    ['highest-fd holds', 'idle-is-free fails'],
  ],
];

for (const [what, planted, expected] of PLANTED) {
  test(`at planted speeds figures and verdicts are as planted: ${what}`, async (t) => {
    const { figures, verdicts, store } = await measure(t, planted, { steady: false, sentinel: true });
    assert.ok(figures.length > 50, `${figures.length} figures`);
    // What saw too little of full speed in the time that there is says so, and is wider.
    const off = figures.filter(({ error }) => error > 0.03);
    assert.ok(off.length <= 0.04 * figures.length, `${off.length} of ${figures.length} figures are off`);
    for (const { share, holdsTruth } of off) assert.ok((share ?? 1) < 1 / 3 && holdsTruth);
    assert.deepEqual(verdicts.sort(), expected);
    const share = store.shareAtFullSpeed() ?? 1;
    assert.ok(share > 0.3 && share < 0.65, `${share} of the samples are at full speed`);
  });

  test(`without the sentinel the same speeds make both wrong: ${what}`, async (t) => {
    const { figures, verdicts } = await measure(t, planted, { steady: false, sentinel: false });
    assert.ok(figures.filter(({ error }) => error > 0.03).length > figures.length / 4);
    assert.notDeepEqual(verdicts.sort(), expected);
  });

  test(`without a neighbour figures and verdicts are as planted, sentinel or not: ${what}`, async (t) => {
    for (const sentinel of [true, false]) {
      const { figures, verdicts } = await measure(t, planted, { steady: true, sentinel });
      assert.ok(figures.every(({ error }) => error <= 0.03));
      assert.deepEqual(verdicts.sort(), expected);
    }
  });
}

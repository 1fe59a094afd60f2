import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Experiment, ExperimentPlan, Session, Step, Visit } from '../experiments/experiment.js';
import { ChildFailure } from '../processes/control/parent.js';
import { type SampleLine, sampleLineSchema } from '../results/samples-schema.js';
import { hashOf, launchesInTurns, stepsOf } from './plan.js';
import { ExperimentRun, Interrupted, type RunnerHooks, runExperiment, runInTurns } from './runner.js';
import { SampleStore } from './sample-store.js';

const visits = [1, 2, 3].map(
  (n): Visit => ({
    poller: 'poll',
    factors: { n },
    conditions: {},
    series: [{ name: 'pollcost' }, { name: 'c-twin' }, { name: 'pollcost-again', skip: 'not here' }],
  }),
);
const launch = { rounds: 2, visits: [0, 1, 2], setting: {}, secondsPerRound: 0.01, secondsToStart: 0.1 };
const plan: ExperimentPlan = { id: 'fake', visits, launches: [launch, launch], warnings: [] };

/** A subject that writes down what is asked of it; `fail` makes a round throw. */
function scripted(
  log: string[],
  fail: (launch: number, round: number) => Error | null = () => null,
): Experiment {
  let launches = 0;
  return {
    id: 'fake',
    question: 'does the runner keep its promises?',
    plan: () => plan,
    async open(): Promise<Session> {
      const index = launches++;
      let rounds = 0;
      log.push(`open ${index}`);
      return {
        pid: process.pid,
        async round(steps: readonly Step[]) {
          const error = fail(index, rounds++);
          if (error) throw error;
          log.push(`round of ${steps.length}`);
          const samples = steps.flatMap(({ visit, series }) =>
            series.map((name) => ({ visit, series: name, turns: 1, metrics: { cpuNsPerTurn: visit + 1 } })),
          );
          return { samples };
        },
        async end() {
          log.push(`end ${index}`);
        },
      };
    },
  };
}

function hooks(log: string[], store: SampleStore, stop = new AbortController().signal): RunnerHooks {
  return {
    seed: 1,
    subjectCpu: null,
    record(lines: readonly SampleLine[]) {
      log.push('record');
      store.add(lines);
    },
    advance: () => {},
    isDone: (...visit) => store.hasRound(...visit),
    fullSpeed: () => store.fullSpeed,
    stop,
  };
}

test('each round is recorded before the next starts, and each subject ends before the next opens', async () => {
  const log: string[] = [];
  const { failures } = await runExperiment(scripted(log), plan, hooks(log, new SampleStore()));
  const launchLog = (index: number) => [
    `open ${index}`,
    'round of 3',
    'record',
    'round of 3',
    'record',
    `end ${index}`,
  ];
  assert.deepEqual(log, [...launchLog(0), ...launchLog(1)]);
  assert.deepEqual(failures, []);
});

test('a launch that fails loses its own rounds only, and its subject is ended', async () => {
  const log: string[] = [];
  const store = new SampleStore();
  const experiment = scripted(log, (index, round) =>
    index === 0 && round === 1 ? new ChildFailure('died') : null,
  );
  const { failures } = await runExperiment(experiment, plan, hooks(log, store));
  assert.deepEqual(failures, [{ launch: 0, reason: 'died' }]);
  assert.equal(store.roundsOf('fake').length, 3);
  assert.ok(log.includes('end 0'));
});

test('a figure that is no number fails its launch by name, before it can spoil the file', async () => {
  const store = new SampleStore();
  const plain = scripted([]);
  const experiment: Experiment = {
    ...plain,
    async open(...args) {
      const session = await plain.open(...args);
      const samples = [
        { visit: 0, series: 'pollcost' as const, turns: 1, metrics: { cpuNsPerTurn: Number.NaN } },
      ];
      return { ...session, round: async () => ({ samples }) };
    },
  };
  const { failures } = await runExperiment(experiment, { ...plan, launches: [launch] }, hooks([], store));
  assert.deepEqual(failures, [
    { launch: 0, reason: 'cpuNsPerTurn of fake/poll/pollcost/n=1 is not finite: NaN' },
  ]);
  assert.equal(store.roundsOf('fake').length, 0);
});

test('an error of the tool itself is not taken for a failed launch', async () => {
  const log: string[] = [];
  const experiment = scripted(log, () => new TypeError('a defect'));
  await assert.rejects(runExperiment(experiment, plan, hooks(log, new SampleStore())), TypeError);
  assert.deepEqual(log, ['open 0', 'end 0']);
});

/** Experiments of so many launches each, and what was done with them, in order. */
function severalRuns(launches: Readonly<Record<string, number>>) {
  const log: string[] = [];
  const runs = Object.entries(launches).map(([id, count]) => {
    const planned = {
      ...plan,
      id,
      launches: Array.from({ length: count }, () => ({ ...launch, rounds: 1 })),
    };
    return new ExperimentRun({ ...scripted([]), id }, planned);
  });
  const turns = {
    starts: ({ plan: { id } }: ExperimentRun, index: number) => log.push(`${id} ${index}`),
    ends: () => {},
    ended: ({ plan: { id } }: ExperimentRun) => log.push(`${id} has ended`),
  };
  return { log, runs, turns };
}

test('experiments take turns launch by launch, and each is told to have ended after its last one', async () => {
  const { log, runs, turns } = severalRuns({ a: 3, none: 0, b: 3, once: 1 });
  await runInTurns(runs, hooks([], new SampleStore()), turns);
  assert.deepEqual(log, [
    'none has ended',
    ...['a 0', 'b 0', 'a 1', 'b 1', 'once 0', 'once has ended', 'a 2', 'a has ended', 'b 2', 'b has ended'],
  ]);
});

test('every experiment sees the whole length of a run, however many launches it has', () => {
  const plans = [3, 7, 4].map((count) => ({
    ...plan,
    launches: Array.from({ length: count }, () => launch),
  }));
  const order = launchesInTurns(plans);
  assert.equal(order.length, 14);
  for (const [experiment, { launches }] of plans.entries()) {
    const places = order.flatMap((each, at) => (each.experiment === experiment ? [at] : []));
    assert.deepEqual(
      places.map((at) => order[at]?.launch),
      launches.map((_, index) => index),
    );
    const share = order.length / launches.length;
    assert.ok(places.every((at, index) => Math.abs(at - (index + 0.5) * share) <= share));
  }
});

test('launches whose rounds are done are not started again, in whatever experiment they are', async () => {
  const store = new SampleStore();
  const stop = new AbortController();
  const first = severalRuns({ a: 2, b: 2 });
  const untilThree = {
    ...hooks([], store, stop.signal),
    record(lines: readonly SampleLine[]) {
      store.add(lines);
      if (first.log.length === 3) stop.abort();
    },
  };
  await assert.rejects(runInTurns(first.runs, untilThree, first.turns), Interrupted);
  assert.deepEqual(first.log, ['a 0', 'b 0', 'a 1', 'a has ended']);
  const resumed = severalRuns({ a: 2, b: 2 });
  await runInTurns(resumed.runs, hooks([], store), resumed.turns);
  assert.deepEqual(resumed.log, ['a has ended', 'b 1', 'b has ended']);
});

test('what launches took is counted for their experiment, behind what an earlier part of the run took', async () => {
  const run = new ExperimentRun(scripted([]), plan, 100);
  const seen: number[] = [];
  const turns = { starts() {}, ends: ({ seconds }: ExperimentRun) => seen.push(seconds), ended() {} };
  await runInTurns([run], hooks([], new SampleStore()), turns);
  assert.equal(seen.length, 2);
  assert.ok((seen[0] as number) > 100 && (seen[1] as number) > (seen[0] as number));
});

test('rounds that are done already are not repeated', async () => {
  const store = new SampleStore();
  await runExperiment(scripted([]), { ...plan, launches: [launch] }, hooks([], store));
  const log: string[] = [];
  await runExperiment(scripted(log), plan, hooks(log, store));
  assert.deepEqual(log, ['open 0', 'round of 3', 'record', 'round of 3', 'record', 'end 0']);
  assert.equal(store.roundsOf('fake').length, 4);
});

test('a stop ends the run between rounds and ends the subject', async () => {
  const log: string[] = [];
  const stop = new AbortController();
  const store = new SampleStore();
  const stopping = {
    ...hooks(log, store, stop.signal),
    record: (lines: readonly SampleLine[]) => {
      store.add(lines);
      stop.abort();
    },
  };
  await assert.rejects(runExperiment(scripted(log), plan, stopping), Interrupted);
  assert.deepEqual(log, ['open 0', 'round of 3', 'end 0']);
  assert.equal(store.roundsOf('fake').length, 1);
});

test('the seed decides the order of visits and series; rounds differ; skipped series are left out', () => {
  const order = (seed: number, round: number) => JSON.stringify(stepsOf(plan, seed, 0, round));
  assert.equal(order(1, 0), order(1, 0));
  const orders = new Set(Array.from({ length: 20 }, (_, round) => order(1, round)));
  assert.ok(orders.size > 5);
  assert.ok(Array.from({ length: 20 }, (_, seed) => order(seed, 0)).some((other) => other !== order(1, 0)));
  for (const { series } of stepsOf(plan, 1, 0, 0))
    assert.deepEqual([...series].sort(), ['c-twin', 'pollcost']);
});

test('the hash of a plan changes with its cells, launches, seed and profile, and with nothing else', () => {
  const base = { profile: 'quick', seed: 1, experiments: [plan] } as const;
  const hash = hashOf(base);
  assert.match(hash, /^sha256:[0-9a-f]{64}$/);
  assert.equal(hashOf({ ...base, experiments: [{ ...plan, warnings: [] }] }), hash);
  assert.notEqual(hashOf({ ...base, seed: 2 }), hash);
  assert.notEqual(hashOf({ ...base, profile: 'standard' }), hash);
  assert.notEqual(hashOf({ ...base, experiments: [{ ...plan, launches: [launch] }] }), hash);
  assert.notEqual(hashOf({ ...base, experiments: [{ ...plan, visits: visits.slice(1) }] }), hash);
});

test('samples without the closing line of their round do not count', () => {
  const store = new SampleStore();
  const visit = { experiment: 'fake', launch: 0, round: 0 };
  const sample: SampleLine = { kind: 'sample', ...visit, cell: 'a', turns: 1, metrics: { cpuNsPerTurn: 5 } };
  store.add([sample]);
  assert.deepEqual(store.metricsOf('a'), []);
  const sentinels = { stealMs: 0, involuntarySwitches: 0, cpuPressureUs: 0 };
  store.add([{ kind: 'round', ...visit, round: 1, startedAt: '', seconds: 1, sentinels, flags: [] }]);
  assert.deepEqual(store.metricsOf('a'), []);
  store.add([sample, { kind: 'round', ...visit, startedAt: '', seconds: 1, sentinels, flags: ['steal'] }]);
  assert.deepEqual(store.rounds('cpuNsPerTurn', ['a']), [[[5]]]);
  assert.deepEqual(store.flagsOf('a'), ['steal']);
});

test('a visit that is made now and then is left out of the rounds between', () => {
  const seldom = { ...plan, launches: [{ ...launch, rounds: 5, every: { 1: 2 } }] };
  const visited = [0, 1, 2, 3, 4].map((round) =>
    stepsOf(seldom, 1, 0, round)
      .map(({ visit }) => visit)
      .sort(),
  );
  assert.deepEqual(visited, [
    [0, 1, 2],
    [0, 2],
    [0, 1, 2],
    [0, 2],
    [0, 1, 2],
  ]);
  assert.notEqual(
    hashOf({ profile: 'quick', seed: 1, experiments: [seldom] }),
    hashOf({ profile: 'quick', seed: 1, experiments: [{ ...plan, launches: [{ ...launch, rounds: 5 }] }] }),
  );
});

test('a session gets a seed of its own for each round, the same again for the same run', async () => {
  const seedsOf = async (seed: number) => {
    const seeds: number[] = [];
    const experiment: Experiment = {
      ...scripted([]),
      open: async () => ({
        pid: process.pid,
        async round(_steps, _deadlineMs, roundSeed) {
          seeds.push(roundSeed);
          return { samples: [] };
        },
        async end() {},
      }),
    };
    await runExperiment(experiment, plan, { ...hooks([], new SampleStore()), seed });
    return seeds;
  };
  const seeds = await seedsOf(1);
  assert.equal(new Set(seeds).size, 4);
  assert.deepEqual(await seedsOf(1), seeds);
  assert.notDeepEqual(await seedsOf(2), seeds);
});

test("a session's readings come before the line that closes the round, and its flags with it", async () => {
  const lines: SampleLine[] = [];
  const reading = {
    subject: 'a server',
    values: { cpuNs: 5, slabBytes: null },
    tcpStates: null,
    timeline: [],
  };
  const experiment: Experiment = {
    ...scripted([]),
    open: async () => ({
      pid: process.pid,
      round: async () => ({ samples: [], readings: [reading], flags: ['late-generator'] }),
      async end() {},
    }),
  };
  const single = { ...plan, launches: [{ ...launch, rounds: 1 }] };
  const store = new SampleStore();
  const record = (recorded: readonly SampleLine[]) => {
    lines.push(...recorded);
    store.add(recorded);
  };
  await runExperiment(experiment, single, { ...hooks([], store), record });
  for (const line of lines) sampleLineSchema.parse(line);
  assert.deepEqual(
    lines.map(({ kind }) => kind),
    ['readings', 'round'],
  );
  assert.ok(lines.at(-1)?.kind === 'round' && store.roundsOf('fake')[0]?.flags.includes('late-generator'));
});

test('a metric that only some rounds have counts in those', () => {
  const store = new SampleStore();
  const sentinels = { stealMs: 0, involuntarySwitches: 0, cpuPressureUs: 0 };
  for (const round of [0, 1]) {
    const visit = { experiment: 'fake', launch: 0, round };
    const metrics: Record<string, number> =
      round === 1 ? { cpuShare: 1, userBytesPerConnection: 400 } : { cpuShare: 2 };
    store.add([
      { kind: 'sample', ...visit, cell: 'a', turns: 1, metrics },
      { kind: 'round', ...visit, startedAt: '', seconds: 1, sentinels, flags: [] },
    ]);
  }
  assert.deepEqual(store.metricsOf('a').sort(), ['cpuShare', 'userBytesPerConnection']);
  assert.deepEqual(store.rounds('userBytesPerConnection', ['a']), [[[400]]]);
  assert.deepEqual(store.rounds('cpuShare', ['a']), [[[2, 1]]]);
});

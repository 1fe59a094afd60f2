import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Experiment } from '../experiments/experiment.js';
import { ChildFailure } from '../processes/control/parent.js';
import { type SampleLine, sampleLineSchema } from '../results/samples-schema.js';
import { hashOf, stepsOf } from './plan.js';
import { Interrupted, runExperiment } from './runner.js';
import { SampleStore } from './sample-store.js';
import { hooks, launch, plan, scripted, visits } from './testing/scripted.js';

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

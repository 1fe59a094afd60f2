import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type PollerName, pollersHere } from '../../pollers/manifest.js';
import { allowedCpus } from '../collectors/environment.js';
import { startCascade, startChurn } from '../processes/control/parent.js';
import type { PollerFacts, ProbeFacts } from '../processes/turn-probe/protocol.js';
import { cellIdOf, stepsOf } from '../run/plan.js';
import { runExperiment } from '../run/runner.js';
import { SampleStore } from '../run/sample-store.js';
import { summarise } from '../run/summary.js';
import { openPairsSession } from './batch-session.js';
import { cascade } from './cascade.js';
import { churn } from './churn.js';
import type { Experiment, ExperimentPlan, PlanContext, Session } from './experiment.js';

const facts = (name: PollerName): PollerFacts => ({
  maxFd: name === 'select' ? 1023 : 2 ** 31 - 1,
  blocks: name !== 'busy',
  trigger: name === 'epoll-et' ? 'edge' : 'level',
  scansAll: !name.startsWith('epoll'),
  call: name.startsWith('epoll') ? 'epoll' : 'poll',
});

const contextOf = (change: Partial<PlanContext> = {}, mostPairs = 9968): PlanContext => {
  const probe: ProbeFacts = {
    koffi: '3',
    fdLimit: { soft: mostPairs * 2 + 64, hard: 20_000 },
    numbers: { first: 32, last: mostPairs * 2 + 63, spare: 8, mostPairs },
    fileTable: 'private',
    unshare: { ok: true },
    pinned: { ok: true, cpu: 1 },
    realtime: { ok: true },
    highestNice: { ok: true },
    shortSlices: { ok: true },
    loopback: { ok: true },
    webAssembly: { ok: true },
    twin: { ok: false, reason: 'not asked for' },
    refused: {},
    pollers: Object.fromEntries(pollersHere.map((name) => [name, facts(name)])),
  };
  return { profile: 'quick', pollers: pollersHere, connections: null, probe, cpus: null, ...change };
};

const reasons = ({ visits }: ExperimentPlan): string[] =>
  visits.flatMap(({ poller, series }) => series.flatMap(({ skip }) => (skip ? [`${poller}: ${skip}`] : [])));

test('cells have the factors of the design, in its order, for every poller', () => {
  const [first] = cascade.plan(contextOf()).visits;
  assert.equal(
    first && cellIdOf(cascade.plan(contextOf()), first, 'pollcost'),
    'cascade/busy/pollcost/pairs=100,active=1,writes=100',
  );
  const plan = churn.plan(contextOf());
  const ids = plan.visits.map((visit) => cellIdOf(plan, visit, 'pollcost'));
  for (const name of pollersHere)
    assert.ok(
      ids.includes(`churn/${name}/pollcost/watched=10,churnPer100=100,socket=tcp,instance=kept`),
      name,
    );
});

test('select is skipped with the reason where its fds end, the others are measured', () => {
  assert.deepEqual(reasons(cascade.plan(contextOf())), [
    "select: fd 1031 is above 1023, the highest that fits: with Node's own, at most 992 fds",
  ]);
  assert.deepEqual(reasons(churn.plan(contextOf({ connections: [988, 989] }))), [
    "select: fd 1024 is above 1023, the highest that fits: with Node's own, at most 992 fds",
  ]);
});

test('what the fd limit does not allow is left out with a warning, and refused to who asked for it', () => {
  const small = contextOf({ profile: 'thorough' }, 300);
  const plan = cascade.plan(small);
  assert.deepEqual(plan.warnings[0]?.code, 'fd-limit');
  assert.equal(Math.max(...plan.visits.map(({ factors }) => factors.pairs as number)), 300);
  assert.throws(
    () => churn.plan(contextOf({ connections: [300] }, 300)),
    /300 connections are more than this process may hold: at most 299/,
  );
});

test('--connections replaces the watched fds of churn and nothing of cascade', () => {
  const asked = contextOf({ connections: [7, 50] });
  const watched = new Set(churn.plan(asked).visits.map(({ factors }) => factors.watched));
  assert.deepEqual([...watched], [7, 50]);
  assert.deepEqual(cascade.plan(asked).visits, cascade.plan(contextOf()).visits);
});

/** Runs an experiment on real subjects with few rounds. */
async function run(experiment: Experiment, context: PlanContext, open = experiment.open) {
  const planned = experiment.plan(context);
  const plan = { ...planned, launches: planned.launches.slice(0, 2).map((each) => ({ ...each, rounds: 2 })) };
  const store = new SampleStore();
  const { failures } = await runExperiment({ ...experiment, open }, plan, {
    seed: 5,
    subjectCpu: null,
    record: (lines) => store.add(lines),
    advance: () => {},
    isDone: () => false,
    fullSpeed: () => null,
    stop: new AbortController().signal,
  });
  return { failures, cells: summarise(plan, store, 5, failures[0]?.reason), rounds: store.roundsOf(plan.id) };
}

const few = contextOf({ pollers: ['epoll', 'epoll-et'], connections: [10] });

test('a run gives every cell its metrics', async () => {
  const metrics = {
    cascade: ['cpuNsPerEvent', 'wallUsPerChain', 'eventsPerTurn', 'syscallsPerEvent'],
    churn: ['cpuNsPerRegistration', 'cpuNsPerConnectionLife'],
  };
  for (const experiment of [cascade, churn]) {
    const { failures, cells } = await run(experiment, few);
    assert.deepEqual(failures, []);
    assert.ok(cells.some(({ series }) => series === 'pollcost-again'));
    for (const cell of cells) {
      assert.equal(cell.status, 'measured', cell.id);
      assert.deepEqual(Object.keys(cell.metrics), metrics[experiment.id as 'cascade' | 'churn']);
    }
  }
});

test('a subject that is killed costs its launch and no other', async () => {
  let opened = 0;
  const open: (typeof churn)['open'] = async (launch, plan) => {
    const session: Session = await openPairsSession(launch, plan, startChurn);
    if (opened++ === 0) process.kill(session.pid, 'SIGKILL');
    return session;
  };
  const { failures, cells, rounds } = await run(churn, few, open);
  assert.deepEqual(failures, [{ launch: 0, reason: 'churn: ended with SIGKILL' }]);
  assert.deepEqual(new Set(rounds.map(({ launch }) => launch)), new Set([1]));
  assert.ok(cells.every(({ status }) => status === 'measured'));
});

test('a subject that is made ready aside is on the load’s CPU until it takes its place', async (t) => {
  const [load, subject] = [allowedCpus()[0], allowedCpus().at(-1)];
  if (load === undefined || subject === undefined || load === subject)
    return void t.skip('this machine allows one CPU only');
  const planned = churn.plan({ ...few, cpus: { subject, load } });
  const [launch] = planned.launches;
  if (!launch) throw new Error('no launch');
  const session = await churn.open({ ...launch, aside: true }, planned);
  const cpus = () =>
    /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync(`/proc/${session.pid}/status`, 'utf8'))?.[1];
  try {
    assert.equal(cpus(), String(load));
    await session.takePlace?.();
    assert.equal(cpus(), String(subject));
    const steps = stepsOf(planned, 1, 0, 0);
    assert.ok((await session.round(steps, 30_000, 1)).samples.length > 0);
  } finally {
    await session.end();
  }
});

test('a subject that cannot start is ended and named', async () => {
  const context = contextOf({ pollers: ['poll'] });
  const planned = cascade.plan({ ...context, cpus: { subject: 1000, load: 0 } });
  const [launch] = planned.launches;
  if (!launch) throw new Error('no launch');
  let child: ReturnType<typeof startCascade> | undefined;
  const start = () => {
    child = startCascade();
    return child;
  };
  await assert.rejects(openPairsSession(launch, planned, start), /cascade: sched_setaffinity: EINVAL/);
  await child?.exited;
});

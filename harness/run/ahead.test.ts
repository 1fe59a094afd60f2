import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Experiment, ExperimentPlan, LaunchPlan, Session } from '../experiments/experiment.js';
import { ChildFailure } from '../processes/control/parent.js';
import { until } from '../testing/until.js';
import { MOST_READY } from './ahead.js';
import { ExperimentRun, Interrupted, type RunnerHooks, runInTurns } from './runner.js';
import { SampleStore } from './sample-store.js';

const launch = (overlap?: LaunchPlan['overlap']): LaunchPlan => ({
  rounds: 1,
  visits: [0],
  setting: {},
  secondsPerRound: 0.01,
  secondsToStart: 0.1,
  ...(overlap && { overlap }),
});

const planOf = (id: string, ...launches: LaunchPlan[]): ExperimentPlan => ({
  id,
  visits: [{ poller: 'poll', factors: {}, conditions: {}, series: [{ name: 'pollcost' }] }],
  launches,
  warnings: [],
});

/** Of launches that are made ready beside one that measures. */
const waiting = Array.from({ length: MOST_READY }, (_, at) => `b${at + 1}`);

const leavesRoom = { leavesRoom: true };
const needsLoad = { leavesRoom: false };

/** Writes down what happens; a round lasts until `during` has settled. */
function scripted(
  log: string[],
  { id }: ExperimentPlan,
  during: () => Promise<void> = async () => {},
  opens: () => Promise<void> = async () => {},
): Experiment {
  return {
    id,
    question: 'what comes when?',
    plan: () => {
      throw new Error('it has one');
    },
    async open({ aside }): Promise<Session> {
      log.push(`open ${id}${aside ? ' aside' : ''}`);
      await opens();
      return {
        pid: process.pid,
        async round() {
          log.push(`round ${id}`);
          await during();
          log.push(`over ${id}`);
          return { samples: [{ visit: 0, series: 'pollcost', turns: 1, metrics: { cpuNsPerTurn: 1 } }] };
        },
        async takePlace() {
          log.push(`move ${id}`);
        },
        async end() {
          log.push(`end ${id}`);
        },
      };
    },
  };
}

const hooksOf = (store: SampleStore, more: Partial<RunnerHooks> = {}): RunnerHooks => ({
  seed: 1,
  subjectCpu: null,
  record: (lines) => store.add(lines),
  advance() {},
  isDone: (...visit) => store.hasRound(...visit),
  fullSpeed: () => null,
  asideCpu: 0,
  stop: new AbortController().signal,
  ...more,
});

const DIED = 'turn probe: ended with SIGKILL';

/** Why launches of each plan failed where the subject of `b` dies while it is made ready. */
async function failuresOf(plans: readonly ExperimentPlan[]): Promise<string[][]> {
  const dies = async () => {
    throw new ChildFailure(DIED);
  };
  const runs = plans.map(
    (plan) => new ExperimentRun(scripted([], plan, undefined, plan.id === 'b' ? dies : undefined), plan),
  );
  await runInTurns(runs, hooksOf(new SampleStore()), nobody);
  return runs.map(({ failures }) => failures.map(({ reason }) => reason));
}

const nobody = { starts() {}, ends() {}, ended() {} };
const said = (log: string[], line: string) =>
  until(
    () => log.includes(line),
    () => `${line} in ${log.join(', ')}`,
  );

test('while a launch measures that loads nothing the next one is made ready aside, and moves before it measures', async () => {
  const log: string[] = [];
  const [first, second] = [planOf('first', launch(leavesRoom)), planOf('second', launch(leavesRoom))];
  const runs = [
    new ExperimentRun(
      scripted(log, first, () => said(log, 'open second aside')),
      first,
    ),
    new ExperimentRun(scripted(log, second), second),
  ];
  const store = new SampleStore();
  await runInTurns(runs, hooksOf(store), nobody);
  const at = (line: string) => log.indexOf(line);
  assert.ok(at('open second aside') < at('over first'), log.join(', '));
  assert.ok(at('end first') < at('move second'), log.join(', '));
  assert.ok(at('move second') < at('round second'), log.join(', '));
  assert.equal(log.filter((line) => line.startsWith('open')).length, 2);
  assert.deepEqual(
    [first, second].map(({ id }) => store.roundsOf(id).length),
    [1, 1],
  );
});

test('beside a launch that loads the other CPU the next one begins when that has measured', async () => {
  const log: string[] = [];
  const [first, second] = [planOf('first', launch(needsLoad)), planOf('second', launch(leavesRoom))];
  const runs = [first, second].map((plan) => new ExperimentRun(scripted(log, plan), plan));
  await runInTurns(runs, hooksOf(new SampleStore()), nobody);
  const [over, open, end] = ['over first', 'open second', 'end first'].map((line) => log.indexOf(line));
  assert.ok(Number(over) < Number(open) && Number(open) < Number(end), log.join(', '));
});

test('a launch that has to have the machine to itself opens when what is made ready for the one after it is, and that waits', async () => {
  const log: string[] = [];
  const plans = [planOf('a', launch(leavesRoom)), planOf('alone', launch()), planOf('b', launch(leavesRoom))];
  const opens = async () => {
    await said(log, 'end a');
    log.push('ready b');
  };
  const runs = plans.map(
    (plan) => new ExperimentRun(scripted(log, plan, undefined, plan.id === 'b' ? opens : undefined), plan),
  );
  await runInTurns(runs, hooksOf(new SampleStore()), nobody);
  const order = ['open b aside', 'over a', 'ready b', 'open alone', 'end alone', 'move b', 'round b'];
  assert.deepEqual(
    log.filter((line) => order.includes(line)),
    order,
  );
});

test('what failed while it was made ready is none of the launch before it that has the machine to itself', async () => {
  const plans = [planOf('a', launch(leavesRoom)), planOf('alone', launch()), planOf('b', launch(leavesRoom))];
  assert.deepEqual(await failuresOf(plans), [[], [], [DIED]]);
});

test('nothing is made ready beside a launch that has the machine to itself', async () => {
  const log: string[] = [];
  const plans = [planOf('alone', launch()), planOf('b', launch(leavesRoom))];
  const runs = plans.map((plan) => new ExperimentRun(scripted(log, plan), plan));
  await runInTurns(runs, hooksOf(new SampleStore()), nobody);
  assert.ok(log.indexOf('over alone') < log.indexOf('open b'), log.join(', '));
});

test('what is ready before a launch is over leaves time for more, one after the other, up to a limit', async () => {
  const log: string[] = [];
  const plans = ['a', ...waiting, 'beyond'].map((id) => planOf(id, launch(leavesRoom)));
  const during = async () => {
    await said(log, `ready ${waiting.at(-1)}`);
    await sleep(20);
  };
  const runs = plans.map(
    (plan) =>
      new ExperimentRun(
        scripted(log, plan, plan.id === 'a' ? during : undefined, async () => {
          await sleep(1);
          log.push(`ready ${plan.id}`);
        }),
        plan,
      ),
  );
  await runInTurns(runs, hooksOf(new SampleStore()), nobody);
  const before = log.slice(0, log.indexOf('over a'));
  assert.deepEqual(
    before.filter((line) => /^(open|ready) b/.test(line)),
    waiting.flatMap((id) => [`open ${id} aside`, `ready ${id}`]),
  );
  assert.equal(log.filter((line) => line.startsWith('open')).length, plans.length);
  assert.equal(log.filter((line) => line.startsWith('end')).length, plans.length);
});

test('one that is still being made ready waits beside none that needs the load’s CPU', async () => {
  const log: string[] = [];
  const plans = [
    planOf('a', launch(leavesRoom)),
    planOf('needs', launch(needsLoad)),
    planOf('c', launch(leavesRoom)),
  ];
  const during = () => said(log, 'open c aside');
  const slowly = async () => {
    await said(log, 'end a');
    await sleep(20);
    log.push('ready c');
  };
  const runs = plans.map(
    (plan) =>
      new ExperimentRun(
        scripted(log, plan, plan.id === 'a' ? during : undefined, plan.id === 'c' ? slowly : undefined),
        plan,
      ),
  );
  await runInTurns(runs, hooksOf(new SampleStore()), nobody);
  assert.ok(log.indexOf('ready c') < log.indexOf('round needs'), log.join(', '));
});

test('where load and subject share a core nothing is made ready beside what measures', async () => {
  const log: string[] = [];
  const plan = planOf('a', launch(leavesRoom));
  const runs = [plan, { ...plan, id: 'b' }].map((of) => new ExperimentRun(scripted(log, of), of));
  await runInTurns(runs, hooksOf(new SampleStore(), { asideCpu: null }), nobody);
  assert.ok(!log.some((line) => line.includes('aside')), log.join(', '));
});

test('what fails while it is made ready costs its own launch only', async () => {
  const plans = ['a', 'b', 'c'].map((id) => planOf(id, launch(leavesRoom)));
  assert.deepEqual(await failuresOf(plans), [[], [DIED], []]);
});

test('a stop ends what was made ready and never measured', async () => {
  const log: string[] = [];
  const plans = [planOf('a', launch(leavesRoom)), planOf('b', launch(leavesRoom))];
  const controller = new AbortController();
  const runs = plans.map(
    (plan) =>
      new ExperimentRun(
        scripted(log, plan, async () => {
          await said(log, 'open b aside');
          controller.abort();
        }),
        plan,
      ),
  );
  await assert.rejects(
    runInTurns(runs, hooksOf(new SampleStore(), { stop: controller.signal }), nobody),
    Interrupted,
  );
  assert.ok(log.includes('end b'), log.join(', '));
  assert.ok(!log.includes('round b'));
});

test('a resumed run makes ready what has rounds left', async () => {
  const log: string[] = [];
  const plans = [
    planOf('a', launch(leavesRoom)),
    planOf('b', launch(leavesRoom)),
    planOf('c', launch(leavesRoom)),
  ];
  const store = new SampleStore();
  const runs = () => plans.map((plan) => new ExperimentRun(scripted(log, plan), plan));
  await runInTurns([runs()[1] as ExperimentRun], hooksOf(store), nobody);
  log.length = 0;
  await runInTurns(runs(), hooksOf(store), nobody);
  assert.ok(!log.some((line) => line.includes('b')), log.join(', '));
  assert.ok(log.some((line) => line.startsWith('open c')));
});

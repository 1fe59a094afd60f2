import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Judged } from '../claims/judge.js';
import type { ExperimentPlan, LaunchPlan, Visit } from '../experiments/experiment.js';
import type { Effect } from '../results/run-schema.js';
import {
  moreFor,
  type OpenClaim,
  openClaim,
  SECONDS_IN_ALL,
  secondsForMore,
  secondsForPlan,
  withMore,
} from './more-rounds.js';
import { cellIdOf } from './plan.js';

const visit = (watched: number): Visit => ({
  poller: 'poll',
  factors: { watched },
  conditions: {},
  series: [{ name: 'pollcost' }],
});
const launch = (visits: readonly number[], secondsToStart = 1): LaunchPlan => ({
  rounds: 2,
  visits,
  setting: {},
  every: { 0: 2 },
  secondsPerRound: visits.length * 0.1,
  secondsToStart,
});
const plan = (id: string): ExperimentPlan => ({
  id,
  visits: [1, 2, 3, 4].map(visit),
  launches: [launch([0, 1, 2]), launch([0, 1, 2]), launch([3])],
  warnings: [],
});
const cell = (of: ExperimentPlan, at: number) => cellIdOf(of, of.visits[at] as Visit, 'pollcost');
const [a, b] = [plan('a'), plan('b')];
/** Whatever time there is would not be enough. */
const open = (...cells: string[]): OpenClaim => ({
  cells,
  effort: Number.POSITIVE_INFINITY,
  isOfDocument: true,
});

test('what is open gets launches of the visits that decide it alone, in the time that there is', () => {
  const more = moreFor([a, b], [open(cell(a, 0), cell(a, 1)), open(cell(b, 3))], 30);
  assert.deepEqual(
    more.map(({ experiment, like, visits }) => ({ experiment, like, visits })),
    [
      { experiment: 'a', like: 0, visits: [0, 1] },
      { experiment: 'b', like: 2, visits: [3] },
    ],
  );
  for (const { launches, rounds } of more)
    assert.ok(launches >= 2 && rounds >= 2, `${launches} of ${rounds}`);
  assert.ok(more.reduce((sum, { seconds }) => sum + seconds, 0) <= 30);
});

test('what one leaves of the time goes to those after it, and a launch that two ask for is made for both', () => {
  const alone = moreFor([a], [open(cell(a, 0))], 10);
  const both = moreFor([a], [open(cell(a, 0)), open(cell(a, 2))], 20);
  assert.deepEqual(
    both.map(({ visits }) => visits),
    [[0, 2]],
  );
  assert.ok((both[0]?.launches ?? 0) >= 2 * (alone[0]?.launches ?? 0) - 1);
});

test('a launch that is longer than an equal part of the time is made all the same, before others have more than they share', () => {
  const long: ExperimentPlan = { ...plan('long'), launches: [launch([0, 1, 2], 5)] };
  const claims = [{ ...open(cell(long, 0)), effort: 2 }, open(cell(b, 3))];
  const [first, second] = moreFor([long, b], claims, 9);
  assert.deepEqual([first?.experiment, first?.launches], ['long', 1]);
  assert.equal(second?.experiment, 'b');
  assert.ok((first?.seconds ?? 9) + (second?.seconds ?? 9) <= 9);
  assert.equal(moreFor([long], [open(cell(long, 0))], 5).length, 0, 'nor beyond all of it');
});

test('a sure verdict has none, nor has any where there is no time for a launch', () => {
  assert.deepEqual(moreFor([a, b], [], 30), []);
  assert.deepEqual(moreFor([a, b], [open(cell(a, 0))], 1), []);
  assert.deepEqual(moreFor([a, b], [open('a cell that no launch has')], 30), []);
});

test('the launches that are added come behind those of the plan, and make all of their visits in each round', () => {
  const more = moreFor([a, b], [open(cell(a, 0), cell(a, 2))], 10);
  const longer = withMore(a, more);
  assert.deepEqual(longer.launches.slice(0, 3), a.launches);
  assert.equal(longer.launches.length, 3 + (more[0]?.launches ?? 0));
  assert.deepEqual([...(longer.launches[3]?.visits ?? [])], [0, 2]);
  assert.equal(longer.launches[3]?.every, undefined);
  assert.deepEqual(withMore(b, more), b);
});

test('what is nearly decided comes first and has what it takes, and what is beyond the document comes last', () => {
  const near: OpenClaim = { ...open(cell(a, 0)), effort: 1.6 };
  const beyond: OpenClaim = { ...open(cell(b, 0)), effort: 1.1, isOfDocument: false };
  const more = moreFor([a, b], [beyond, open(cell(a, 3)), near], 100);
  assert.deepEqual(
    more.map(({ experiment, like }) => `${experiment} ${like}`),
    ['a 0', 'a 2', 'b 0'],
  );
  const [first, second, last] = more;
  assert.equal(first?.launches, 2, 'three fifths of two launches more');
  assert.equal(last?.launches, 1);
  assert.ok((second?.seconds ?? 0) > 40, 'what they leave');
});

test('what is beyond the document takes no time from what is in it', () => {
  const beyond = [0, 1, 2].map((at): OpenClaim => ({ ...open(cell(b, at)), isOfDocument: false }));
  const more = moreFor([a, b], [...beyond, open(cell(a, 3))], 2);
  assert.deepEqual(
    more.map(({ experiment, like }) => `${experiment} ${like}`),
    ['a 2'],
  );
});

test('cells that are compared are measured in launches that make them together, the soonest to start', () => {
  const elsewhere: ExperimentPlan = {
    ...a,
    launches: [launch([0, 3], 1), launch([0, 1], 5), launch([0, 1], 2), launch([2], 1)],
  };
  const more = moreFor([elsewhere], [open(cell(a, 0), cell(a, 1))], 30);
  assert.deepEqual(
    more.map(({ like, visits }) => ({ like, visits })),
    [{ like: 2, visits: [0, 1] }],
  );
});

test('a round of a second look is planned by its visits: where most are short, the long ones take what they take', () => {
  const unequal = { ...launch([0, 1, 2]), secondsOfVisits: { 0: 2, 1: 0.01, 2: 0.01 } };
  const more = moreFor([{ ...a, launches: [unequal] }], [open(cell(a, 0))], 9);
  const [{ launches = 0, rounds = 0, seconds = 0 } = {}] = more;
  assert.ok(launches * rounds * 2 <= seconds && seconds <= 9, `${launches} of ${rounds} in ${seconds} s`);
  const [{ secondsPerRound = 0 } = {}] = withMore({ ...a, launches: [unequal] }, more).launches.slice(1);
  assert.equal(secondsPerRound, 2);
});

test('where some visits are made in few rounds, those of a second look take what they take when they are made', () => {
  const rare = { ...a, secondsOfVisits: { 0: 2, 1: 0.01, 2: 0.01 } };
  const [more] = moreFor([rare], [open(cell(a, 0))], 9);
  const { launches = 0, rounds = 0, seconds = 0 } = more ?? {};
  assert.ok(launches * rounds * 2 <= seconds && seconds <= 9, `${launches} of ${rounds} in ${seconds} s`);
  assert.equal(withMore(rare, more ? [more] : []).launches.at(-1)?.secondsPerRound, 2);
});

test('time that is too short for another launch makes rounds of those that are made, unless they are as many as it takes', () => {
  const slow: ExperimentPlan = { ...a, launches: [{ ...launch([3], 3), rounds: 3, secondsPerRound: 2 }] };
  const few = moreFor([slow], [open(cell(a, 3))], 12)[0];
  const more = moreFor([slow], [open(cell(a, 3))], 20)[0];
  assert.deepEqual([few?.launches, few?.rounds], [1, 3]);
  assert.deepEqual([more?.launches, more?.rounds], [1, 6]);
  assert.ok((more?.seconds ?? 21) <= 20);
  const near = moreFor([slow], [{ ...open(cell(a, 3)), effort: 1.1 }], 20)[0];
  assert.deepEqual([near?.launches, near?.rounds], [1, 3], 'it needs no more');
});

test('more launches fit where each is made ready beside the one before it', () => {
  const overlapped = (leavesRoom: boolean): ExperimentPlan => ({
    ...a,
    launches: [{ ...launch([0, 1, 2]), overlap: { leavesRoom } }],
  });
  const made = (leavesRoom: boolean, isMadeBeside: boolean) =>
    moreFor([overlapped(leavesRoom)], [open(cell(a, 0))], 30, isMadeBeside)[0];
  const alone = made(true, false);
  assert.deepEqual(made(false, true), alone, 'one that loads both CPUs');
  const beside = made(true, true);
  assert.ok((beside?.launches ?? 0) > (alone?.launches ?? 0));
  assert.ok((beside?.seconds ?? 31) <= 30);
});

test('how many launches decide is the square of how far the interval reaches beyond its limit, from a value a standard error nearer', () => {
  const effect: Effect = {
    name: 'ratio',
    value: 1,
    low: 0.888,
    high: 1.112,
    unit: 'ratio',
    n: 9,
    decides: true,
    factors: {},
    limits: { from: 0.9, to: 1.1 },
  };
  const judged = (effects: Effect[], wanted: Effect[] = []) =>
    ({
      claim: { source: 'answer', verdict: 'undecided', missing: 'more rounds', effects },
      open: ['a cell'],
      wanted,
    }) as unknown as Judged;
  const effortOf = (...of: Parameters<typeof judged>) => openClaim(judged(...of))?.effort ?? 0;
  const wanted = (0.112 / (0.1 - 0.05)) ** 2;
  const isWanted = (effort: number) => Math.abs(effort - wanted) < 1e-6;
  assert.ok(isWanted(effortOf([effect])), '0.112 to the end, 0.1 to the limit, and a standard error of 0.05');
  const far: Effect = { ...effect, name: 'other', low: 1.04, high: 1.06 };
  assert.ok(isWanted(effortOf([far, effect], [effect])));
  assert.equal(effortOf([far]), 1, 'what decides is sure');
  const wider: Effect = { ...effect, name: 'wider', low: -9, high: 9 };
  assert.ok(isWanted(effortOf([wider, effect], [effect])), 'one that is not wanted asks for none');
  for (const value of [1.1, 1.07])
    assert.equal(effortOf([{ ...effect, value, high: value + 0.112 }]), Number.POSITIVE_INFINITY);
  const beyond: Effect = { ...effect, value: 1.3, low: 1.2, high: 1.4 };
  assert.equal(effortOf([beyond], [beyond]), 2, 'how far a joint one reaches is not known');
  assert.equal(openClaim({ ...judged([effect]), open: [] }), null);
});

test('a claim for which too few rounds counted, and no interval is astride, has as many launches again of what it compares', () => {
  const errors: Effect = {
    name: 'errors',
    value: 0,
    low: 0,
    high: 0,
    unit: 'count',
    n: 1,
    decides: true,
    factors: {
      ...{ experiment: 'a', poller: 'poll', series: 'pollcost', quantity: 'errors' },
      ...{ watched: 1, overWatched: 3 },
    },
    limits: { to: 0 },
  };
  const judged = (claim: Partial<Judged['claim']>): Judged =>
    ({
      claim: {
        source: 'notes',
        kind: 'measured',
        verdict: 'undecided',
        missing: '15 rounds',
        effects: [errors],
        ...claim,
      },
      open: [],
      wanted: [],
    }) as unknown as Judged;
  const { cells = [], effort = 0 } = openClaim(judged({})) ?? {};
  assert.deepEqual(cells, [cell(a, 0), cell(a, 2)]);
  const more = moreFor([a], [{ cells, effort, isOfDocument: true }], 1000);
  assert.deepEqual(
    more.map(({ visits, launches }) => ({ visits, launches })),
    [{ visits: [0, 2], launches: 2 }],
  );
  assert.equal(openClaim(judged({ kind: 'read' })), null, 'the books say the same again');
  assert.equal(openClaim(judged({ verdict: 'holds' } as Judged['claim'])), null);
  assert.equal(openClaim(judged({ effects: [] })), null, 'what was not planned cannot be made');
});

test('what two copies of a cell differ by is measured again with it', () => {
  const copies: ExperimentPlan = {
    ...a,
    visits: [...a.visits, { ...visit(1), series: [{ name: 'pollcost-again' }] }],
    launches: [launch([0, 1, 4]), launch([0, 1])],
  };
  const [{ visits = [] } = {}] = moreFor([copies], [open(cell(a, 0))], 30);
  assert.deepEqual(visits, [0, 4]);
});

test('more rounds end with the time of the profile, and take three tenths of what few experiments took', () => {
  assert.ok(Math.abs(secondsForMore('quick', 8) - 2.4) < 1e-9);
  assert.ok(secondsForMore('quick', 62) <= SECONDS_IN_ALL.quick - 62);
  assert.equal(secondsForMore('quick', 90), 0);
});

test('a plan leaves time for what it leaves open; one that fills its time hardly makes anything again, and a longer one has none to keep', () => {
  const inAll = SECONDS_IN_ALL.standard;
  const allowed = (planned: number) => secondsForPlan('standard', planned);
  assert.ok(allowed(100) > 100 && allowed(100) < 0.9 * inAll);
  assert.ok(allowed(0.94 * inAll) > 0.94 * inAll && allowed(0.94 * inAll) < inAll);
  assert.ok(allowed(1.5 * inAll) < inAll);
});

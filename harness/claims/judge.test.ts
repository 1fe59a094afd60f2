import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Profile } from '../results/run-schema.js';
import { type ClaimDefinition, type Judgement, moreRounds } from './claim.js';
import { type Evidence, exact } from './evidence.js';
import { judge, judgeOpen } from './judge.js';
import { claims } from './registry.js';
import { smallDifference } from './small-difference.js';
import { COURTS } from './testing/courts.js';
import { around, type Planted, plantedEvidence } from './testing/planted-run.js';

const nothing = plantedEvidence([]);
const claimOf = (rule: () => Judgement): ClaimDefinition => ({ ...smallDifference, judge: rule });

const undecidedBy = (claim: ClaimDefinition, evidence: Evidence): string => {
  const judged = judge(claim, evidence);
  assert.equal(judged.verdict, 'undecided');
  return judged.verdict === 'undecided' ? judged.missing : '';
};

const BREAKS: Record<string, [rule: () => Judgement, reason: RegExp]> = {
  'an exception': [
    () => {
      throw new TypeError('x is undefined');
    },
    /TypeError: x is undefined/,
  ],
  'a figure that is not finite': [
    () => ({
      verdict: 'holds',
      finding: 'f',
      explanation: 'e',
      effects: [exact('shareAt10', Number.POSITIVE_INFINITY, 'ratio', true)],
    }),
    /UnsoundFigure: shareAt10 is not finite/,
  ],
  'a figure outside its interval': [
    () => ({
      verdict: 'holds',
      finding: 'f',
      explanation: 'e',
      effects: [{ ...exact('shareAt10', 1, 'ratio', true), low: 2, high: 3 }],
    }),
    /UnsoundFigure: shareAt10 lies outside its interval: 1 \[2, 3\]/,
  ],
  'a verdict without effects': [
    () => ({ verdict: 'holds', finding: 'f', explanation: 'e', effects: [] }),
    /effects/,
  ],
};

for (const [name, [rule, reason]] of Object.entries(BREAKS)) {
  test(`${name} leaves one claim undecided, with the reason`, () =>
    assert.match(undecidedBy(claimOf(rule), nothing), reason));
}

test('why an experiment was skipped is said once, whichever of its cells were planned', () => {
  const skipped = 'one poller alone is compared with nothing: take --profile standard';
  const planted = [1, 16].map(
    (active): Planted => ({
      experiment: 'rearm',
      poller: 'epoll',
      factors: { idle: 0, active, load: 'closed' },
      metrics: {},
      skipped,
    }),
  );
  const claim = claims.find(({ id }) => id === 'oneshot-costs-a-syscall') as ClaimDefinition;
  assert.equal(
    undecidedBy(claim, plantedEvidence(planted)),
    `rearm: experiment rearm is skipped: ${skipped}`,
  );
});

const turn = {
  ready: 1,
  position: 'last',
  timeout: 'finite',
  life: 'standing',
  churnPer100: 0,
  instance: 'kept',
};
const turns = (poller: Planted['poller'], cpuNsPerTurn: Planted['metrics'][string]): Planted[] =>
  [1, 10].map((watched) => ({
    experiment: 'few-sockets',
    poller,
    factors: { ...turn, watched },
    metrics: { cpuNsPerTurn },
  }));
const requests = (select: Planted['metrics'][string]): Planted[] =>
  [0, 1, 3, 5, 7, 9, 15].flatMap((idle) =>
    (['select', 'epoll'] as const).map((poller) => ({
      experiment: 'server',
      poller,
      factors: { app: 'http', load: 'closed', active: 1, idle, fileTable: 'private' },
      metrics: { cpuUsPerRequest: poller === 'select' ? select : 100 },
    })),
  );

test('a request of which a round shows nothing is not resolved, and nothing is divided by it', () => {
  const unresolved = plantedEvidence(requests(around(0, 0)));
  assert.match(undecidedBy(smallDifference, unresolved), /is not resolved/);
  assert.notEqual(judge(smallDifference, plantedEvidence(requests(100))).verdict, 'undecided');
});

test('two effects of one name leave one claim undecided: nobody could tell them apart', () => {
  const twice = claimOf(() => ({
    verdict: 'holds',
    finding: 'f',
    explanation: 'e',
    effects: [1, 2].map((value) => exact('shareAt10', value, 'ratio', true)),
  }));
  assert.match(undecidedBy(twice, nothing), /two effects of small-difference are called shareAt10/);
});

test('a single launch decides nothing, and the claim says what gives another', () => {
  const [first = [], second = []] = around(100);
  const of = (figures: readonly (readonly number[])[]) =>
    plantedEvidence(requests(100).map((plant) => ({ ...plant, metrics: { cpuUsPerRequest: figures } })));
  assert.equal(
    undecidedBy(smallDifference, of([first])),
    '2 launches or more of server, of which there is one; try --profile thorough',
  );
  assert.equal(judge(smallDifference, of([first, second])).verdict, 'holds');
});

test('a verdict that wants more rounds names the next profile, not the one that was run', () => {
  const open = claimOf(() => ({
    ...moreRounds('it straddles a limit', []),
    finding: 'f',
    explanation: 'e',
    effects: [],
  }));
  const advice = (profile: Profile) => undecidedBy(open, plantedEvidence([], null, profile));
  assert.match(advice('quick'), /limit; try --profile standard$/);
  assert.match(advice('standard'), /limit; try --profile thorough$/);
  assert.match(advice('thorough'), /limit; repeat it on a machine with fewer neighbours$/);
});

test('where a round shows a cost of 0 there is no ratio: the claim says that it is not resolved', () => {
  const evidence = plantedEvidence([...turns('select', around(0, 0)), ...turns('epoll', 1400)]);
  const ratio = claimOf(() => {
    const [over, under] = ['select', 'epoll'].map((poller) =>
      evidence.cell({ experiment: 'few-sockets', poller, factors: { watched: 10 } }),
    );
    assert.ok(over && under);
    return {
      verdict: 'holds',
      finding: 'f',
      explanation: 'e',
      effects: [evidence.ratio('ratio', over, under, true)],
    };
  });
  assert.match(undecidedBy(ratio, evidence), /is not resolved: a round shows 0/);
});

test('a claim that is open says which cells decide it; one that is sure, or lacks a cell, has none to make more of', () => {
  const highest = claims.find(({ id }) => id === 'highest-fd') as ClaimDefinition;
  const court = COURTS['highest-fd'];
  assert.ok(court);
  const open = judgeOpen(highest, plantedEvidence(court.undecided, 1.0001));
  assert.equal(open.claim.verdict, 'undecided');
  assert.deepEqual(
    open.open.map((id) => /select\/pollcost\/highestFd=(\d+)/.exec(id)?.[1]),
    ['100', '50'],
  );
  assert.deepEqual(judgeOpen(highest, plantedEvidence(court.holds, 1.0001)).open, []);
  assert.deepEqual(judgeOpen(highest, nothing).open, []);
});

test('what is open wants rounds of effects of its own, which its reason names', () => {
  for (const claim of claims) {
    const court = COURTS[claim.id];
    assert.ok(court, claim.id);
    const judged = judgeOpen(claim, plantedEvidence(court.undecided, 1.0001));
    const missing = judged.claim.verdict === 'undecided' ? judged.claim.missing : '';
    const why = missing.replace('more rounds: ', '');
    const names = judged.claim.effects.map(({ name }) => name).filter((name) => words(why).includes(name));
    const wanted = judged.wanted.map(({ name }) => name);
    // Its reason says of conditions, not of figures, that they are astride.
    if (missing.startsWith('more rounds') && claim.id !== 'few-sockets-cpu')
      assert.deepEqual(wanted, names, claim.id);
    else assert.ok(wanted.length === 0 || claim.id === 'few-sockets-cpu', claim.id);
  }
});

const words = (sentence: string): string[] => sentence.split(/[^\w-]+/);

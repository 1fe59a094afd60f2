import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClaimDefinition, Judgement } from './claim.js';
import { type Evidence, exact } from './evidence.js';
import { judge } from './judge.js';
import { smallDifference } from './small-difference.js';
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
      explanation: 'e',
      effects: [exact('shareAt10', Number.POSITIVE_INFINITY, 'ratio', true)],
    }),
    /UnsoundFigure: shareAt10 is not finite/,
  ],
  'a figure outside its interval': [
    () => ({
      verdict: 'holds',
      explanation: 'e',
      effects: [{ ...exact('shareAt10', 1, 'ratio', true), low: 2, high: 3 }],
    }),
    /UnsoundFigure: shareAt10 lies outside its interval: 1 \[2, 3\]/,
  ],
  'a verdict without effects': [() => ({ verdict: 'holds', explanation: 'e', effects: [] }), /effects/],
};

for (const [name, [rule, reason]] of Object.entries(BREAKS)) {
  test(`${name} leaves one claim undecided, with the reason`, () =>
    assert.match(undecidedBy(claimOf(rule), nothing), reason));
}

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
const request = (cpuUsPerRequest: Planted['metrics'][string]): Planted => ({
  experiment: 'server',
  poller: 'epoll',
  factors: { app: 'http', load: 'closed', active: 1, idle: 0 },
  metrics: { cpuUsPerRequest },
});

test('a request whose interval reaches down to 0 is not resolved, and nothing is divided by it', () => {
  const withRequest = (figures: Planted['metrics'][string]) =>
    plantedEvidence([...turns('select', 1500), ...turns('epoll', 1400), request(figures)]);
  assert.match(undecidedBy(smallDifference, withRequest([[0, 0, 90, 100]])), /one request is not resolved/);
  assert.notEqual(judge(smallDifference, withRequest(100)).verdict, 'undecided');
});

test('where a round shows a cost of 0 there is no ratio: the claim says that it is not resolved', () => {
  const evidence = plantedEvidence([...turns('select', around(0, 0)), ...turns('epoll', 1400)]);
  const ratio = claimOf(() => {
    const [over, under] = ['select', 'epoll'].map((poller) =>
      evidence.cell({ experiment: 'few-sockets', poller, factors: { watched: 10 } }),
    );
    assert.ok(over && under);
    return { verdict: 'holds', explanation: 'e', effects: [evidence.ratio('ratio', over, under, true)] };
  });
  assert.match(undecidedBy(ratio, evidence), /is not resolved: a round shows 0/);
});

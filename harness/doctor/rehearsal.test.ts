import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Evidence, Missing } from '../claims/evidence.js';
import { lossOf } from './rehearsal.js';
import { factsUnder, plantedFacts, plantedMachine } from './testing/planted-machine.js';

const machine = plantedMachine();
const under = (limit: number) => {
  const { fdLimit, numbers } = factsUnder(limit);
  return lossOf(plantedFacts, { fdLimit, numbers }, machine);
};

test('a machine that is short of nothing loses nothing', () => {
  const { experiments, claims, severe, text } = lossOf(plantedFacts, {}, machine);
  assert.deepEqual(
    { experiments, claims, severe, text },
    { experiments: [], claims: [], severe: false, text: '' },
  );
});

test('a limit above what any profile names loses nothing, although the most possible is less', () => {
  assert.equal(under(32000).text, '');
});

test('without a C twin only its series is lost, in every experiment that has it', () => {
  const { experiments, severe, text } = lossOf(
    plantedFacts,
    { twin: { ok: false, reason: 'none' } },
    machine,
  );
  assert.ok(severe);
  assert.match(text, /watched-fds.*: without series c-twin/);
  assert.ok(experiments.includes('watched-fds') && experiments.includes('highest-fd'));
  assert.ok(!experiments.includes('limits'));
});

test('with a shared file table nothing is measured private, and no claim is lost for it alone', () => {
  const shared = { unshare: { ok: false, reason: 'EPERM' }, fileTable: 'shared' } as const;
  const { claims, text } = lossOf(plantedFacts, shared, machine);
  assert.match(text, /watched-fds.*: without fileTable private/);
  assert.ok(!claims.includes('idle-is-free'));
});

test('64 fds leave 12 sockets, and the claims undecided that need 1 000 or a number above 1 023', () => {
  const { text, claims, severe } = under(64);
  assert.match(text, /limits: without probe fd-1023, fd-1024, fd-4096/);
  assert.match(text, /watched-fds.*: watched only up to 12/);
  assert.match(text, /highest-fd: .*highestFd only up to 63/);
  for (const claim of ['highest-fd', 'idle-is-free', 'beyond-fd-setsize'])
    assert.ok(claims.includes(claim), claim);
  assert.ok(!claims.includes('regular-files'), 'one file is enough');
  assert.ok(severe);
});

test('1 024 fds decide what is said of numbers up to 1 023', () => {
  const { claims } = under(1024);
  assert.ok(!claims.includes('highest-fd'));
  assert.ok(claims.includes('idle-is-free'));
});

test('some counts fewer are no severe loss', () => {
  const { text, claims, severe } = under(12000);
  assert.match(text, /watched-fds.*: watched only up to 5968/);
  assert.deepEqual([claims, severe], [[], false]);
});

/** The claims of the registry, which write down what they throw beside what they miss. */
const watched = (thrown: string[]) =>
  machine.claims.map((claim) => ({
    ...claim,
    judge(evidence: Evidence) {
      try {
        return claim.judge(evidence);
      } catch (error) {
        if (!(error instanceof Missing)) thrown.push(`${claim.id}: ${error}`);
        throw error;
      }
    },
  }));

test('no rule breaks on the figures that are made up for it, with all cells and with few', () => {
  const thrown: string[] = [];
  const { fdLimit, numbers } = factsUnder(64);
  lossOf(plantedFacts, { fdLimit, numbers }, plantedMachine({ claims: watched(thrown) }));
  assert.deepEqual(thrown, []);
});

test('a rule that breaks for want of cells does not decide: a TypeError is no verdict', () => {
  const { fdLimit, numbers } = factsUnder(64);
  const claims = machine.claims.map((claim) => ({
    ...claim,
    evidence: [...claim.evidence, 'watched-fds'],
    judge(evidence: Evidence) {
      if (
        evidence.cells({ experiment: 'watched-fds', poller: 'poll', factors: { watched: 1000 } }).length === 0
      )
        throw new TypeError('a defect');
      return claim.judge(evidence);
    },
  }));
  assert.deepEqual(lossOf(plantedFacts, {}, plantedMachine({ claims })).claims, []);
  const lost = lossOf(plantedFacts, { fdLimit, numbers }, plantedMachine({ claims })).claims;
  // What needs but few sockets, and decides where nothing breaks.
  for (const id of ['regular-files', 'select-384-bytes']) {
    assert.ok(lost.includes(id), id);
    assert.ok(!under(64).claims.includes(id), id);
  }
});

test('no room for a single pair skips an experiment', () => {
  assert.match(under(40).text, /watched-fds.*: skipped/);
});

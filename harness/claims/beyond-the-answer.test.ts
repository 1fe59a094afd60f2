import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usualPollers } from '../../pollers/manifest.js';
import type { Profile } from '../results/run-schema.js';
import { judge } from './judge.js';
import { claims } from './registry.js';
import { conditionOf, effectOf, expectVerdict, missingOf } from './testing/expect-verdict.js';
import { cycles, herds, rearming, ringLedgers, ringTurns } from './testing/planted-beyond.js';
import { plantedEvidence } from './testing/planted-run.js';

test('the sentences of the answer are as many as they were, and five go beyond', () => {
  const of = (source: string) => claims.filter((claim) => claim.source === source).length;
  assert.equal(of('answer') + of('notes'), 17);
  assert.equal(of('asked'), 5);
});

test('io-uring-cheaper-turn: below 0.9 at all counts holds, above 1.1 at all fails, else it depends on how many are ready', () => {
  expectVerdict(
    'io-uring-cheaper-turn',
    cycles(() => 0.8),
    'holds',
  );
  expectVerdict(
    'io-uring-cheaper-turn',
    cycles(() => 1.3),
    'fails',
  );
  const few = expectVerdict(
    'io-uring-cheaper-turn',
    cycles((ready) => (ready < 100 ? 0.8 : 1.3)),
    'holds-when',
  );
  assert.match(conditionOf(few), /there are 1 and 10 ready of 1000$/);
  const same = expectVerdict(
    'io-uring-cheaper-turn',
    cycles((ready) => (ready < 100 ? 1 : 1.3)),
    'holds-when',
  );
  assert.match(conditionOf(same), /"less" is read as "not more", and there are 1 and 10 ready/);
});

test('io-uring-cheaper-turn: an interval astride 0.9 or 1.1 is named, and so are cells that are missing', () => {
  const open = expectVerdict(
    'io-uring-cheaper-turn',
    cycles(() => 0.8, 0.3),
    'undecided',
  );
  assert.match(missingOf(open), /ioUringOverEpollCycle1Ready/);
  const without = cycles(() => 0.8).filter(({ factors }) => factors.ready !== 10);
  assert.match(missingOf(expectVerdict('io-uring-cheaper-turn', without, 'undecided')), /ready = 10/);
});

test('io-uring-idle-free: growth up to a quarter is none', () => {
  expectVerdict('io-uring-idle-free', ringTurns(1.1), 'holds');
  expectVerdict('io-uring-idle-free', ringTurns(1.4), 'fails');
  expectVerdict('io-uring-idle-free', ringTurns(1.2, 0.1), 'undecided');
});

test('io-uring-memory: what was read decides, and what its structures add up to has to agree', () => {
  const held = expectVerdict('io-uring-memory', ringLedgers(256), 'holds');
  assert.ok(effectOf(held, 'ioUringOverEpollKernelBytesPerFdRead').decides);
  assert.ok(Math.abs(effectOf(held, 'ioUringKernelBytesPerFd').value - 264) < 3);
  expectVerdict('io-uring-memory', ringLedgers(640), 'fails');
  assert.match(
    missingOf(expectVerdict('io-uring-memory', ringLedgers(640, 256), 'undecided')),
    /within 15 %/,
  );
  const computed = ringLedgers(256).filter(({ factors }) => factors.source === 'computed');
  assert.match(expectVerdict('io-uring-memory', computed, 'holds').finding, /computed from the sizes/);
});

test('oneshot-costs-a-syscall: one more call and more CPU hold; none more, or less CPU, fails', () => {
  expectVerdict('oneshot-costs-a-syscall', rearming(1, 1.1), 'holds');
  expectVerdict('oneshot-costs-a-syscall', rearming(0, 1.1), 'fails');
  expectVerdict('oneshot-costs-a-syscall', rearming(1, 0.9), 'fails');
  expectVerdict('oneshot-costs-a-syscall', rearming(1, 1.01, 0.1), 'undecided');
});

test('exclusive-ends-the-herd: a herd without it and none with it', () => {
  expectVerdict('exclusive-ends-the-herd', herds(2.8, 0.02), 'holds');
  expectVerdict('exclusive-ends-the-herd', herds(0.4, 0.02), 'fails');
  expectVerdict('exclusive-ends-the-herd', herds(2.8, 0.5), 'fails');
  expectVerdict('exclusive-ends-the-herd', herds(1, 0.02, 0.3), 'undecided');
});

test('a poller beyond the answer that quick does not measure: the advice is the profile that does, not to leave out --pollers', () => {
  const missing = (profile: Profile, pollers: readonly string[]) => {
    const definition = claims.find(({ id }) => id === 'io-uring-idle-free');
    assert.ok(definition);
    const planted = ringTurns(1.1).map((plant) => ({ ...plant, poller: 'epoll' }));
    return missingOf(judge(definition, plantedEvidence(planted, 1.01, profile, null, pollers)));
  };
  assert.match(missing('quick', usualPollers), /: take --profile standard$/);
  assert.match(missing('quick', ['epoll']), /: leave out --pollers and take --profile standard$/);
  assert.match(missing('standard', ['epoll']), /: leave out --pollers, or name it there$/);
  assert.match(
    missing('standard', usualPollers),
    /: name it in --pollers, which says why io_uring does not run here$/,
  );
});

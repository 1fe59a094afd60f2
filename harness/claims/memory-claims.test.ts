import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeHalves, within } from './claim.js';
import { exact } from './evidence.js';
import { effectOf, expectVerdict, missingOf } from './testing/expect-verdict.js';
import {
  type Changes,
  few,
  full,
  growth,
  large,
  ledger,
  linux,
  type Poller,
  SMALL_OBJECTS,
  single,
  small,
} from './testing/planted-ledgers.js';
import { around } from './testing/planted-run.js';

test('two halves: both, either and neither; one that is open leaves it open', () => {
  const half = (value: number, condition: string) => ({
    effects: [within(exact(condition, value, 'bytes', true), { to: 1 })],
    condition,
  });
  assert.deepEqual(judgeHalves([half(1, 'a'), half(1, 'b')]), { verdict: 'holds' });
  assert.deepEqual(judgeHalves([half(1, 'a'), half(2, 'b')]), { verdict: 'holds-when', condition: 'a' });
  assert.deepEqual(judgeHalves([half(2, 'a'), half(1, 'b')]), { verdict: 'holds-when', condition: 'b' });
  assert.deepEqual(judgeHalves([half(2, 'a'), half(2, 'b')]), { verdict: 'fails' });
  const wide = { ...exact('wide', 1, 'bytes', true), high: 2 };
  const open = judgeHalves([half(1, 'a'), { effects: [within(wide, { to: 1 })], condition: 'c' }]);
  assert.equal(open.verdict, 'undecided');
});

test('few-sockets-memory: to nine as Linux has it, to ten without the page, not at all with one at once', () => {
  const claim = expectVerdict('few-sockets-memory', few(), 'holds-when');
  assert.match('condition' in claim ? claim.condition : '', /at most 9 sockets/);
  assert.equal(effectOf(claim, 'mostSocketsWithSelectSmaller').value, 9);
  assert.ok(effectOf(claim, 'selectOverEpollAt10').value > 1);
  assert.match(claim.explanation, /with 15 sockets select is the smaller one again/);
  assert.match(
    claim.explanation,
    /computed from the sizes that this kernel gives for its structures; nothing was read/,
  );
  expectVerdict(
    'few-sockets-memory',
    few(() => ({ kernelBlockedBytes: 0 })),
    'holds',
  );
  expectVerdict(
    'few-sockets-memory',
    few(() => ({ kernelBlockedBytes: 4096 })),
    'fails',
  );
});

test('few-sockets-memory: the read column confirms it with many sockets, or leaves it open', () => {
  const many = (poller: Poller, watched: number, changes: Changes) => [
    ledger({ poller, watched }),
    ledger({ poller, watched, source: 'read' }, changes, linux, 0.01),
  ];
  const confirmed = [...few(), ...many('select', 992, {}), ...many('epoll', 5000, {})];
  const claim = expectVerdict('few-sockets-memory', confirmed, 'holds-when');
  assert.ok(Math.abs(effectOf(claim, 'epollReadOverComputedAt5000').value - 1) < 0.02);
  effectOf(claim, 'selectReadOverComputedAt992');
  const denied = [...few(), ...many('epoll', 5000, { kernelPersistentBytes: 500_000 })];
  const open = expectVerdict('few-sockets-memory', denied, 'undecided');
  assert.match('missing' in open ? open.missing : '', /epollReadOverComputedAt5000/);
});

test('few-sockets-memory: a count that was left out is named', () => {
  const without = few().filter(({ poller, factors }) => poller !== 'epoll' || factors.watched !== 7);
  const open = expectVerdict('few-sockets-memory', without, 'undecided');
  assert.match(
    'missing' in open ? open.missing : '',
    /^memory with poller = epoll, watched = 7: leave out --connections$/,
  );
});

test('select-384-bytes: true in user space, in both, in the kernel alone, in neither', () => {
  const claim = expectVerdict('select-384-bytes', [full()], 'holds-when');
  assert.match('condition' in claim ? claim.condition : '', /user space/);
  assert.equal(effectOf(claim, 'userBytesOfThreeSets').value, 384);
  assert.equal(effectOf(claim, 'kernelBytesWhileBlockedAt1023').value, 768 + 17 * 4096);
  expectVerdict('select-384-bytes', [full({ kernelBlockedBytes: 384 })], 'holds');
  const kernel = expectVerdict(
    'select-384-bytes',
    [full({ userBytes: 129, kernelBlockedBytes: 384 })],
    'holds-when',
  );
  assert.match('condition' in kernel ? kernel.condition : '', /kernel/);
  expectVerdict('select-384-bytes', [full({ userBytes: 129 })], 'fails');
});

test('select-384-bytes: what was read decides beside what was computed', () => {
  const read = (blocked: number, spread = 0) =>
    ledger(
      { poller: 'select', watched: 992, source: 'read' },
      { kernelBlockedBytes: blocked },
      linux,
      spread,
    );
  const there = (blocked: number) =>
    ledger({ poller: 'select', watched: 992 }, { kernelBlockedBytes: blocked });
  const claim = expectVerdict('select-384-bytes', [full(), there(66_000), read(65_536)], 'holds-when');
  const decided = effectOf(claim, 'kernelBytesWhileBlockedReadAt992');
  assert.ok(decided.decides && decided.value === 65_536 && decided.factors.source === 'read');
  assert.ok(!effectOf(claim, 'kernelBytesWhileBlockedAt992').decides);
  expectVerdict('select-384-bytes', [full(), there(380), read(380)], 'holds');
  expectVerdict('select-384-bytes', [full(), there(384), read(380, 0.1)], 'undecided');
  const apart = expectVerdict('select-384-bytes', [full(), there(384), read(65_536)], 'undecided');
  assert.match(
    missingOf(apart),
    /agreement within 15 % .*: kernelBytesWhileBlockedReadAt992 is 16967 % from/,
  );
});

test('epoll-20-bytes: fails as Linux has it, and says whether pointers to a memory cgroup are among them', () => {
  const inGroup = expectVerdict('epoll-20-bytes', growth(linux), 'fails');
  assert.equal(effectOf(inGroup, 'kernelBytesPerFdComputed').value, 232);
  assert.match(inGroup.explanation, /232 bytes per fd: each has a pointer of 8 bytes/);
  assert.match(inGroup.explanation, /computed from the sizes that this kernel gives/);
  const outside = expectVerdict('epoll-20-bytes', growth({ ...linux, cgroupPointer: 0 }), 'fails');
  assert.equal(effectOf(outside, 'kernelBytesPerFdComputed').value, 208);
  assert.match(outside.explanation, /208 bytes per fd, and no memory cgroup/);
});

test('epoll-20-bytes: twenty bytes read hold, many fail, and columns that disagree decide nothing', () => {
  const held = expectVerdict('epoll-20-bytes', [...growth(small), ...growth(small, 'read', 0.01)], 'holds');
  assert.ok(Math.abs(effectOf(held, 'kernelBytesPerFdRead').value - 20) < 1);
  assert.ok(
    effectOf(held, 'kernelBytesPerFdRead').decides && !effectOf(held, 'kernelBytesPerFdComputed').decides,
  );
  expectVerdict('epoll-20-bytes', [...growth(linux), ...growth(linux, 'read', 0.01)], 'fails');
  const apart = expectVerdict(
    'epoll-20-bytes',
    [...growth(linux), ...growth(small, 'read', 0.01)],
    'undecided',
  );
  assert.match(missingOf(apart), /agreement within 15 %/);
  const atTheLimit = growth({ ...small, objectBytes: { ...SMALL_OBJECTS, epitem: 32 } }, 'read', 0.1);
  const forty = growth({ ...small, objectBytes: { ...SMALL_OBJECTS, epitem: 32 } });
  const wide = expectVerdict('epoll-20-bytes', [...forty, ...atTheLimit], 'undecided');
  assert.match('missing' in wide ? wide.missing : '', /kernelBytesPerFdRead/);
});

test('epoll-20-bytes: too few fds to tell are undecided', () => {
  const open = expectVerdict('epoll-20-bytes', growth(linux).slice(0, 2), 'undecided');
  assert.match('missing' in open ? open.missing : '', /two cells of epoll with 2000 fds/);
});

test("one-high-fd: select's half, both, epoll's half, neither", () => {
  const claim = expectVerdict('one-high-fd', single(), 'holds-when');
  assert.match('condition' in claim ? claim.condition : '', /select's half/);
  assert.equal(effectOf(claim, 'selectAccepts1024').value, 0);
  assert.equal(effectOf(claim, 'selectWideUserBytesAt1024').value, 408);
  assert.equal(effectOf(claim, 'epollKernelBytesAt1023MinusLowest').value, 0);
  expectVerdict('one-high-fd', single({}, small), 'holds');
  const epoll = expectVerdict('one-high-fd', single({ userBytes: 8 }, small), 'holds-when');
  assert.match('condition' in epoll ? epoll.condition : '', /epoll's half/);
  expectVerdict('one-high-fd', single({ userBytes: 8 }), 'fails');
});

test("numbers-are-small: under a tenth of the connections' own memory in both columns, or not", () => {
  const claim = expectVerdict('numbers-are-small', [...large(), ...large('read', {}, 0.01)], 'holds');
  assert.ok(effectOf(claim, 'epollMemoryShareAt1000').value < 0.04);
  effectOf(claim, 'pollMemoryShareAt9968Read');
  assert.equal(effectOf(claim, 'socketBytesPerConnection').value, 7504);
  expectVerdict('numbers-are-small', large('computed', { userCopyBytes: 10_000_000 }), 'fails');
  const read = ledger({ poller: 'epoll', watched: 1000, source: 'read' });
  const astride = [
    ...large(),
    { ...read, metrics: { ...read.metrics, kernelPersistentBytes: around(737_500, 0.2) } },
  ];
  expectVerdict('numbers-are-small', astride, 'undecided');
});

test('numbers-are-small: without 1 000 connections it is undecided', () => {
  const open = expectVerdict(
    'numbers-are-small',
    large().filter(({ factors }) => factors.watched !== 1000),
    'undecided',
  );
  assert.match(missingOf(open), /watched = 1000, source = computed: leave out --connections/);
});

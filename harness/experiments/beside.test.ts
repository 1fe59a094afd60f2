import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PollerFacts } from '../processes/turn-probe/protocol.js';
import { acceptHerd } from './accept-herd.js';
import { cascade } from './cascade.js';
import type { Experiment, PlanContext } from './experiment.js';
import { memory } from './memory.js';
import { readyFds } from './ready-fds.js';
import { rearm } from './rearm.js';
import { plantedContext } from './testing/planted-context.js';
import { watchedFds } from './watched-fds.js';
import { workloadGrid } from './workload-grid.js';

/** What the sentences beyond the answer have measured although nobody asked for their pollers. */

const listing = { maxFd: 2 ** 31 - 1, blocks: true, scansAll: false } as const;
const MORE: Record<string, PollerFacts> = {
  epoll: { ...listing, trigger: 'level', call: 'epoll', isExclusive: true },
  'epoll-et': { ...listing, trigger: 'edge', call: 'epoll', isExclusive: true },
  'epoll-oneshot': { ...listing, trigger: 'oneshot', call: 'epoll' },
  io_uring: { ...listing, trigger: 'level', call: 'io_uring' },
};

function contextOf(more: Partial<PlanContext> = {}, pollers = MORE): PlanContext {
  const planted = plantedContext({ profile: 'standard', ...more });
  return { ...planted, probe: { ...planted.probe, pollers: { ...planted.probe.pollers, ...pollers } } };
}

const visitsOf = (experiment: Experiment, poller: string, context = contextOf()) =>
  experiment.plan(context).visits.filter((visit) => visit.poller === poller);

const factorsOf = (experiment: Experiment, poller: string, ...names: string[]) =>
  visitsOf(experiment, poller).map(({ factors }) => names.map((name) => factors[name]).join('/'));

test('with the usual pollers, what the sentences compare is measured as well, and nothing else', () => {
  assert.deepEqual(factorsOf(watchedFds, 'io_uring', 'watched', 'timeout'), [
    ...['1/zero', '1000/zero', '1/slept', '1000/slept'],
  ]);
  const cycles = factorsOf(readyFds, 'io_uring', 'watched', 'ready', 'life');
  const lives = ['consumed-same', 'consumed-rotating'];
  assert.deepEqual(
    cycles,
    lives.flatMap((life) => [1, 10, 100].map((ready) => `1000/${ready}/${life}`)),
  );
  assert.ok(factorsOf(memory, 'io_uring', 'watched', 'source').includes('2000/computed'));
  assert.deepEqual(visitsOf(workloadGrid, 'io_uring'), []);
  for (const name of ['epoll', 'epoll-et', 'epoll-oneshot', 'io_uring'])
    assert.ok(factorsOf(rearm, name, 'active').includes('16'), name);
  assert.deepEqual(factorsOf(acceptHerd, 'epoll', 'processes', 'sharing'), [
    ...['4/level', '4/exclusive', '4/reuseport'],
  ]);
});

test('chains by completion stand beside those of the poller whose call can do both', () => {
  // Two copies of the same code are compared in visits of their own.
  const first = visitsOf(cascade, 'io_uring').filter(({ series }) =>
    series.some(({ name }) => name === 'pollcost'),
  );
  assert.ok(first.length > 0);
  for (const { series } of first)
    assert.ok(series.some(({ name, skip }) => name === 'completion' && skip === undefined));
  for (const { series } of visitsOf(cascade, 'epoll'))
    assert.ok(series.every(({ name }) => name !== 'completion'));
});

test('where other pollers were asked for, in the quick profile, or where it cannot run, nobody is added', () => {
  for (const context of [
    contextOf({ pollers: ['epoll', 'poll'] }),
    contextOf({ profile: 'quick' }),
    contextOf({}, { epoll: MORE.epoll as PollerFacts }),
  ])
    for (const experiment of [watchedFds, readyFds, memory, rearm, cascade])
      assert.deepEqual(visitsOf(experiment, 'io_uring', context), [], experiment.id);
});

test('what arming again costs is not measured of one poller alone, and says so', () => {
  const alone = contextOf({ profile: 'quick' });
  assert.deepEqual(rearm.plan(alone).launches, []);
  for (const { series } of rearm.plan(alone).visits)
    for (const { skip } of series) assert.match(skip ?? '', /compared with nothing/);
  const { launches, visits } = rearm.plan(
    contextOf({ profile: 'quick', pollers: ['epoll', 'epoll-oneshot'] }),
  );
  assert.ok(launches.length >= 2);
  assert.ok(visits.every(({ series }) => series.every(({ skip }) => skip === undefined)));
});

test('a poller that cannot ask that one process alone be woken is skipped with the reason, and the others go on', () => {
  const context = contextOf({ profile: 'thorough', pollers: ['poll', 'epoll', 'busy'] });
  const skips = visitsOf(acceptHerd, 'poll', context).map(({ factors, series }) => [
    factors.sharing,
    series[0]?.skip !== undefined,
  ]);
  assert.deepEqual(new Set(skips.map(String)), new Set(['level,false', 'exclusive,true', 'reuseport,false']));
  assert.deepEqual(visitsOf(acceptHerd, 'busy', context), []);
});

test('readiness that is consumed is measured under a one-shot trigger, and what is left standing is not', () => {
  const context = contextOf({ pollers: ['epoll-oneshot'] });
  for (const { factors, series } of visitsOf(readyFds, 'epoll-oneshot', context)) {
    const [own] = series;
    if (factors.life === 'standing' && factors.ready !== 0)
      assert.match(own?.skip ?? '', /a one-shot poller/);
    else assert.equal(own?.skip, undefined);
  }
});

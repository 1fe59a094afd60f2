import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idle } from './idle.js';
import { plantedContext } from './testing/planted-context.js';

/** What is measured of a server that nobody asks, without measuring it. */

test('without unshare an idle server is measured all the same', () => {
  const { visits, launches } = idle.plan(plantedContext({ unshare: false }));
  assert.ok(launches.length > 0);
  assert.deepEqual(visits, idle.plan(plantedContext()).visits);
});

test('an idle server is measured under busy whoever else was asked for', () => {
  const { visits } = idle.plan(plantedContext({ pollers: ['poll'] }));
  assert.deepEqual([...new Set(visits.map(({ poller }) => poller))].sort(), ['busy', 'poll']);
  assert.deepEqual(Object.keys(visits[0]?.factors ?? {}), ['idle', 'app']);
  const { visits: of } = idle.plan(plantedContext({ profile: 'standard' }));
  assert.deepEqual([...new Set(of.map(({ factors }) => factors.idle))], [0, 10, 1000]);
});

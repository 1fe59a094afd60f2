import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PollerFacts } from '../processes/turn-probe/protocol.js';
import { onePerCall } from './same-call.js';
import { plantedContext } from './testing/planted-context.js';

const facts = (change: Partial<PollerFacts>): PollerFacts => ({
  maxFd: 2 ** 31 - 1,
  blocks: true,
  trigger: 'level',
  scansAll: true,
  call: 'select',
  ...change,
});

test('of pollers with the same call one is asked, and one that says nothing of its call stands for itself', () => {
  const context = plantedContext();
  const pollers = {
    wide: facts({}),
    narrow: facts({ maxFd: 1023 }),
    edge: facts({ trigger: 'edge', maxFd: 99 }),
    mine: facts({ call: null }),
    yours: facts({ call: null, maxFd: 1023 }),
  };
  const asked = { pollers: Object.keys(pollers), probe: { ...context.probe, pollers } };
  assert.deepEqual(onePerCall(asked, 'narrowest'), ['narrow', 'edge', 'mine', 'yours']);
  assert.deepEqual(onePerCall(asked, 'widest'), ['wide', 'edge', 'mine', 'yours']);
  assert.deepEqual(onePerCall({ ...asked, pollers: ['wide'] }, 'narrowest'), ['wide']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pollerNames } from '../../pollers/manifest.js';
import { TERMS, termsOf } from './terms.js';

test('a model has the terms of the call that its poller waits with, and all of them where nobody knows it', () => {
  const of = (poller: string) => new Set<string>(termsOf(poller));
  assert.ok(of('select').has('c1') && of('select-wide').has('c10') && of('poll').has('c4'));
  assert.ok(!of('poll').has('c1') && !of('epoll').has('c4') && !of('busy').has('c7'));
  assert.deepEqual(of('mine'), new Set(Object.keys(TERMS)));
  for (const name of pollerNames) assert.ok(of(name).size >= 8, name);
});

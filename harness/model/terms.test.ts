import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pollerNames } from '../../pollers/manifest.js';
import { TERMS, termsOf, workOf } from './terms.js';
import { turn } from './testing/planted-costs.js';

test('a model has the terms of the call that its poller waits with, and all of them where nobody knows it', () => {
  const of = (poller: string) => new Set<string>(termsOf(poller));
  assert.ok(of('select').has('c1') && of('select-wide').has('c10') && of('poll').has('c4'));
  assert.ok(!of('poll').has('c1') && !of('epoll').has('c4') && !of('busy').has('c7'));
  assert.ok(
    of('busy').has('c2') && of('select').has('c2') && !of('epoll').has('c2') && !of('io_uring').has('c2'),
  );
  assert.deepEqual(of('mine'), new Set(Object.keys(TERMS)));
  for (const name of pollerNames) assert.ok(of(name).size >= 8, name);
});

test('what a turn has to do grows with the fds that its call asks: with none where it is handed what is ready', () => {
  assert.ok(workOf(turn(1000, 0), 'poll') > 100 * workOf(turn(1, 0), 'poll'));
  assert.equal(workOf(turn(1000, 0), 'epoll'), workOf(turn(1, 0), 'epoll'));
  assert.ok(workOf(turn(1000, 10), 'epoll') > workOf(turn(1000, 0), 'epoll'));
  assert.ok(workOf(turn(1, 1, 'slept'), 'epoll') > 10 * workOf(turn(1, 1), 'epoll'));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomesIn } from './tap.js';

const TAP = `TAP version 13
# Subtest: P1 epoll: lists
ok 1 - P1 epoll: lists
  ---
  duration_ms: 1.5
  ...
# Subtest: P2 epoll: refuses
not ok 2 - P2 epoll: refuses \\#1
  ---
  duration_ms: 2
  failureType: 'testCodeFailure'
  error: |-
    Expected values to be strictly equal:

    1 !== 2
  code: 'ERR_ASSERTION'
  ...
ok 3 - P3 epoll: rounds # SKIP it is not what it
1..3
`;

test('outcomes of a test run are read with their reasons', () => {
  assert.deepEqual(outcomesIn(TAP), [
    { title: 'P1 epoll: lists', result: 'passed', why: '' },
    { title: 'P2 epoll: refuses #1', result: 'failed', why: 'Expected values to be strictly equal:' },
    { title: 'P3 epoll: rounds', result: 'skipped', why: 'it is not what it' },
  ]);
});

test('of a process that was ended there is what it had said', () => {
  assert.deepEqual(outcomesIn(TAP.slice(0, TAP.indexOf('# Subtest: P2'))).length, 1);
  assert.deepEqual(outcomesIn('qemu: uncaught target signal 6'), []);
});

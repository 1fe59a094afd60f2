import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { before, test } from 'node:test';
import { createPoller, loadedPollers } from '../loaded.js';
import { circumstancesOf, contract } from './lines.js';
import { testContract } from './suite.js';
import { openFds } from './workbench.js';

let fdsBefore: number[] = [];

before(async () => {
  // Node opens fds of its own with the first signal handler and the first process, and keeps them.
  await once(spawn('true', { stdio: 'ignore' }), 'exit');
  fdsBefore = openFds();
});

test('the contract holds every line of the catalogue once', () => {
  const lines = Array.from({ length: 45 }, (_, index) => index + 1);
  assert.deepEqual(
    contract.map(({ line }) => line),
    lines,
  );
});

test('every skip says why in some words', () => {
  for (const name of loadedPollers) {
    const circumstances = circumstancesOf({ name, create: () => createPoller(name) });
    for (const fdLimit of [64, 1024, circumstances.fdLimit]) {
      for (const { line, skip } of contract) {
        const reason = skip?.({ ...circumstances, fdLimit });
        assert.ok(reason === undefined || reason.trim().split(/\s+/).length >= 4, `P${line}: ${reason}`);
      }
    }
  }
});

for (const name of loadedPollers) testContract(name);

test('the contract suite leaks no fd', () => {
  assert.deepEqual(openFds(), fdsBefore);
});

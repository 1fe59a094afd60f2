import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { before, test } from 'node:test';
import { openFds } from './contract/bench.js';
import type { ContractSubject } from './contract/line.js';
import { circumstancesOf, contract, testContract } from './contract.js';
import { EpollPoller } from './epoll.js';
import type { Poller } from './poller.js';
import { registry } from './registry.js';

type Name = keyof typeof registry;

/** Pollers that can be told how many events to take per wait. */
const withRoom: { readonly [name in Name]?: (room: number) => Poller } = {
  epoll: (room) => new EpollPoller({ room }),
  'epoll-et': (room) => new EpollPoller({ room, trigger: 'edge' }),
};

const subjects = (Object.keys(registry) as Name[]).map((name): ContractSubject => {
  const createWithRoom = withRoom[name];
  return { name, create: registry[name], ...(createWithRoom && { createWithRoom }) };
});

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
  for (const circumstances of subjects.map(circumstancesOf)) {
    for (const fdLimit of [64, 1024, circumstances.fdLimit]) {
      for (const { line, skip } of contract) {
        const reason = skip?.({ ...circumstances, fdLimit });
        assert.ok(reason === undefined || reason.trim().split(/\s+/).length >= 4, `P${line}: ${reason}`);
      }
    }
  }
});

for (const subject of subjects) testContract(subject);

test('the contract suite leaks no fd', () => {
  assert.deepEqual(openFds(), fdsBefore);
});

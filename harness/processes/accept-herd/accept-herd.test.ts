import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { loadedPollers } from '../../../pollers/loaded.js';
import { untilGone } from '../../testing/processes.js';
import { until } from '../../testing/until.js';
import type { Sharing } from '../acceptor/protocol.js';
import { type Child, startAcceptHerd } from '../control/parent.js';
import type { AcceptHerdProtocol } from './protocol.js';

/** Several processes on one port, as processes. */

const DEADLINE_MS = 30_000;
const CONNECTIONS = 40;

type Herd = Child<AcceptHerdProtocol>;

async function withHerd(processes: number, use: (herd: Herd, pids: readonly number[]) => Promise<void>) {
  const herd = startAcceptHerd();
  let pids: readonly number[] = [];
  try {
    ({ pids } = await herd.request('start', { processes }, DEADLINE_MS));
    await use(herd, pids);
  } finally {
    await herd.end();
  }
  // Nobody tells them to go: they hear that their parent has gone.
  await untilGone(...pids);
}

const windowOf = (herd: Herd, poller: string, sharing: Sharing, processes: number) =>
  herd.request('window', { poller, sharing, processes, connections: CONNECTIONS, gapUs: 300 }, DEADLINE_MS);

const sleeping = loadedPollers.filter((name) => name !== 'busy');

test('every connection is accepted by one of the processes, on every poller that sleeps', () =>
  withHerd(2, async (herd, pids) => {
    assert.equal(pids.length, 2);
    for (const poller of sleeping) {
      for (const sharing of ['level', 'reuseport'] as const) {
        const { processes } = await windowOf(herd, poller, sharing, 2);
        const accepted = processes.map((each) => each.accepted);
        assert.equal((accepted[0] ?? 0) + (accepted[1] ?? 0), CONNECTIONS, `${poller} ${sharing}`);
        for (const { cpuNs, emptyWakeups } of processes) assert.ok(cpuNs > 0 && emptyWakeups >= 0);
      }
    }
  }));

test('one process alone is hardly ever woken for nothing; a window takes as many processes as it asks for', () =>
  withHerd(3, async (herd) => {
    const { processes } = await windowOf(herd, 'epoll', 'level', 1);
    assert.equal(processes.length, 1);
    assert.equal(processes[0]?.accepted, CONNECTIONS);
    assert.ok((processes[0]?.emptyWakeups ?? CONNECTIONS) < CONNECTIONS / 2);
  }));

test('a poller that cannot ask that one alone be woken refuses, and its processes end with it', async () => {
  const herd = startAcceptHerd();
  const { pids } = await herd.request('start', { processes: 2 }, DEADLINE_MS);
  await assert.rejects(
    windowOf(herd, 'poll', 'exclusive', 2),
    /accept herd: acceptor: poll does not ask that one process alone be woken/,
  );
  await herd.exited;
  await untilGone(...pids);
});

test('windows leave no fd behind', () =>
  withHerd(2, async (herd, pids) => {
    const openFds = () => pids.map((pid) => readdirSync(`/proc/${pid}/fd`).length);
    const all = async () => {
      for (const sharing of ['level', 'exclusive', 'reuseport'] as const)
        await windowOf(herd, 'epoll', sharing, 2);
    };
    await all();
    const before = openFds();
    await all();
    assert.deepEqual(openFds(), before);
  }));

test('an acceptor that is killed fails its window, and leaves no orphan', async () => {
  const herd = startAcceptHerd();
  const { pids } = await herd.request('start', { processes: 2 }, DEADLINE_MS);
  process.kill(pids[0] as number, 'SIGKILL');
  await assert.rejects(windowOf(herd, 'epoll', 'level', 2), /acceptor: ended with SIGKILL/);
  await herd.exited;
  await untilGone(...pids);
});

test('processes that wait for connections end with the one that started them, however that ends', async () => {
  const herd = startAcceptHerd();
  const { pids } = await herd.request('start', { processes: 3 }, DEADLINE_MS);
  const waiting = herd.request(
    'window',
    { poller: 'epoll', sharing: 'level', processes: 3, connections: 100_000, gapUs: 300 },
    DEADLINE_MS,
  );
  waiting.catch(() => {});
  await until(() => pids.some((pid) => readdirSync(`/proc/${pid}/fd`).length > 5), 'nobody accepts');
  herd.kill();
  await assert.rejects(waiting, /accept herd: ended with SIGKILL/);
  await untilGone(...pids);
});

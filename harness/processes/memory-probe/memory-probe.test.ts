import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMemoryProbe } from '../control/parent.js';

const DEADLINE_MS = 60_000;
const FIRST = 32;
type Probe = ReturnType<typeof startMemoryProbe>;

async function withProbe(size: number, use: (probe: Probe) => Promise<void>): Promise<void> {
  const probe = startMemoryProbe();
  try {
    await probe.request('open', { size }, DEADLINE_MS);
    await use(probe);
  } finally {
    await probe.end();
  }
  assert.equal(existsSync(`/proc/${probe.pid}`), false);
}

const lowest = (
  poller: 'select' | 'select-wide' | 'poll' | 'epoll' | 'epoll-et' | 'busy',
  watched: number,
) => ({
  poller,
  watched,
  highestFd: FIRST + watched - 1,
});

function maySeeCallOf(pid: number): boolean {
  try {
    readFileSync(`/proc/${pid}/syscall`);
    return true;
  } catch (error) {
    if (['EPERM', 'EACCES', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** The number of the system call in which it sleeps. */
async function sleepingCall(pid: number): Promise<string> {
  for (let waited = 0; waited < 5000; waited += 5) {
    const call = readFileSync(`/proc/${pid}/syscall`, 'latin1').split(' ')[0] ?? '';
    if (call.trim() !== 'running') return call.trim();
    await sleep(5);
  }
  throw new Error('it does not sleep');
}

test('it says what the kernel is handed of its buffers: bits, pollfds, or room for as many events as fds', () =>
  withProbe(200, async (probe) => {
    const handed = async (poller: Parameters<typeof lowest>[0], watched: number) => {
      const answer = await probe.request('watch', lowest(poller, watched), DEADLINE_MS);
      await probe.request('unwatch', {}, DEADLINE_MS);
      assert.ok(answer.native && answer.userBytes > answer.native.sharedBytes);
      return [answer.native.call, answer.native.sharedBytes];
    };
    const eventBytes = process.arch === 'x64' ? 12 : 16;
    assert.deepEqual(await handed('select', 1), ['select', 8]);
    assert.deepEqual(await handed('select-wide', 200), ['select', 32]);
    assert.deepEqual(await handed('poll', 200), ['poll', 1600]);
    assert.deepEqual(await handed('epoll', 200), ['epoll', 200 * eventBytes]);
    assert.deepEqual(await handed('epoll-et', 3), ['epoll', 3 * eventBytes]);
    assert.deepEqual(await handed('busy', 200), ['poll-each', 1600]);
  }));

test('it sleeps inside the wait of its poller until the next request, again and again', (t) =>
  withProbe(20, async (probe) => {
    if (!maySeeCallOf(probe.pid)) {
      t.skip('this user may not see in which system call a process sleeps');
      return;
    }
    for (const poller of ['select', 'poll', 'epoll', 'epoll-et'] as const) {
      await probe.request('watch', lowest(poller, 20), DEADLINE_MS);
      for (let time = 0; time < 3; time++) {
        await probe.request('sleep', { inPoller: false }, DEADLINE_MS);
        const reading = await sleepingCall(probe.pid);
        await probe.request('sleep', { inPoller: true }, DEADLINE_MS);
        assert.notEqual(await sleepingCall(probe.pid), reading, poller);
        await probe.request('wake', {}, DEADLINE_MS);
        assert.equal(await sleepingCall(probe.pid), reading, `${poller} is awake again`);
      }
      await probe.request('unwatch', {}, DEADLINE_MS);
    }
  }));

test('one fd alone gets the number that it is asked for, and the poller leaves nothing behind', () =>
  withProbe(0, async (probe) => {
    const fds = () => readdirSync(`/proc/${probe.pid}/fd`).filter((fd) => Number(fd) >= FIRST);
    assert.deepEqual(fds(), []);
    await probe.request('watch', { poller: 'epoll', watched: 1, highestFd: 1023 }, DEADLINE_MS);
    assert.ok(fds().includes('1023'));
    assert.match(readlinkSync(`/proc/${probe.pid}/fd/1023`), /^socket:/);
    await probe.request('unwatch', {}, DEADLINE_MS);
    assert.deepEqual(fds(), []);
    await assert.rejects(
      probe.request('watch', { poller: 'select', watched: 1, highestFd: 1024 }, DEADLINE_MS),
      /1024 is above the largest that fits/,
    );
    await probe.request('unwatch', {}, DEADLINE_MS);
    await assert.rejects(
      probe.request('watch', { poller: 'poll', watched: 2, highestFd: FIRST + 1 }, DEADLINE_MS),
      /the pool has no fd 33/,
    );
  }));

test('it ends with its parent even while it sleeps in a poller', () =>
  withProbe(5, async (probe) => {
    await probe.request('watch', lowest('epoll', 5), DEADLINE_MS);
    await probe.request('sleep', { inPoller: true }, DEADLINE_MS);
  }));

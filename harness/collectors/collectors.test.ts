import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { until } from '../testing/until.js';
import { processCpuNs, runQueueWaitNs, senderCpuNs, threadCpuNs } from './cpu-time.js';
import { epollSlabBytes, socketSlabBytes } from './kernel-caches.js';
import { workBetween } from './loop-counters.js';
import { readingsSince, readTotals, unreadable } from './readings.js';
import { peakResidentBytes, residentBytes } from './resident.js';
import { tcpPages, tcpSockets } from './sockets.js';
import { softirqMs } from './softirq.js';
import { involuntarySwitches, voluntarySwitches } from './switches.js';
import { tcpStatesOf } from './tcp-states.js';
import { Timeline, type TimelinePoint } from './timeline.js';

/** Collectors on real processes and sockets. */

const self = { pid: process.pid, cpu: null };
/** No process has it: pids end at 4 194 304. */
const nobody = { pid: 4_194_305, cpu: null };

const ofProcess = {
  threadCpuNs,
  runQueueWaitNs,
  processCpuNs,
  residentBytes,
  peakResidentBytes,
  voluntarySwitches,
  involuntarySwitches,
};

for (const [name, collector] of Object.entries(ofProcess)) {
  test(`${name} of a process that works is a whole number that is not 0, and null of one that is gone`, () => {
    const asked = () => collector.read(self) ?? Number.NaN;
    // Somebody else wants this CPU now and then; until then nobody has taken it away.
    for (const endMs = performance.now() + 60_000; asked() === 0 && performance.now() < endMs; );
    assert.ok(Number.isInteger(asked()) && asked() > 0, `${asked()}`);
    assert.equal(collector.read(nobody), null);
  });
}

/** A program that says when it is ready. */
async function started(script: string): Promise<{ child: ChildProcess; pid: number }> {
  const child = spawn(process.execPath, ['-e', `${script}; console.log('ready')`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return { child, pid: child.pid as number };
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('CPU time is that of the thread alone, of all threads, and of several senders together', async () => {
  // Until it is killed.
  const busyWorker =
    "new (require('node:worker_threads').Worker)('for (;;);', { eval: true }); setInterval(() => {}, 1000)";
  const { child, pid } = await started(busyWorker);
  const subject = { pid, cpu: null };
  const before = { thread: threadCpuNs.read(subject) ?? 0, process: processCpuNs.read(subject) ?? 0 };
  await until(() => {
    const thread = (threadCpuNs.read(subject) ?? 0) - before.thread;
    const all = (processCpuNs.read(subject) ?? 0) - before.process;
    return all > thread + 50e6;
  }, 'the worker on all threads, and not on the first');
  // Its threads may run on in between.
  const least = processCpuNs.read(subject) ?? 0;
  const twice = senderCpuNs.read({ ...self, loadPids: [pid, pid] }) ?? 0;
  const most = processCpuNs.read(subject) ?? 0;
  assert.ok(
    least > 0 && twice >= 2 * least && twice <= 2 * most,
    `${twice} is not twice ${least} to ${most}`,
  );
  assert.equal(senderCpuNs.read({ ...self, loadPids: [nobody.pid] }), null);
  assert.equal(senderCpuNs.read(self), 0);
  await ended(child);
});

test('what the machine counts is read whoever asks', async () => {
  assert.ok((softirqMs.read(self) ?? 0) > 0, 'since the machine is up');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  assert.ok((tcpSockets.read(self) ?? 0) >= 1, 'this one listens');
  server.close();
  assert.ok(Number.isInteger(tcpPages.read(self)), 'perhaps 0, where nothing is under way');
});

test('the kernel caches are read by root and are null for others, and then said to be', () => {
  const isRoot = process.getuid?.() === 0;
  for (const collector of [epollSlabBytes, socketSlabBytes]) {
    assert.equal(collector.read(self) !== null, isRoot);
  }
  const messages = unreadable().map(({ message }) => message);
  assert.equal(messages.length, isRoot ? 0 : 1);
  if (!isRoot) assert.match(messages[0] ?? '', /epollSlabBytes, socketSlabBytes/);
});

test('TCP states are those of the named ports, each on its own', async () => {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  const other = createServer().listen(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(other, 'listening')]);
  const portOf = (listener: typeof server) => (listener.address() as { port: number }).port;
  const [port, otherPort] = [portOf(server), portOf(other)];
  const sockets = await Promise.all(
    Array.from({ length: 3 }, async (): Promise<Socket> => {
      const accepted = once(server, 'connection');
      const socket = connect(port, '127.0.0.1');
      await Promise.all([once(socket, 'connect'), accepted]);
      return socket;
    }),
  );
  const states = tcpStatesOf([port, otherPort]);
  assert.deepEqual(states?.get(port), { LISTEN: 1, ESTABLISHED: 3 });
  assert.deepEqual(states?.get(otherPort), { LISTEN: 1 });
  for (const socket of sockets) socket.destroy();
  server.close();
  other.close();
});

test('a timeline has a point a second, and ends with the process', async () => {
  const { child, pid } = await started('setInterval(() => {}, 1000)');
  await ended(child);
  const living = await started('setInterval(() => {}, 1000)');
  const [gone, timeline] = [new Timeline(pid), new Timeline(living.pid)];
  const points: TimelinePoint[] = [];
  await until(() => points.push(...timeline.take()) >= 2, 'two points');
  const [first, second] = points as [TimelinePoint, TimelinePoint];
  assert.ok(first.atMs >= 900 && second.atMs > first.atMs, JSON.stringify(points));
  for (const { residentBytes, cores } of points) assert.ok(residentBytes > 1e6 && cores < 1);
  const atMs = points.at(-1)?.atMs ?? 0;
  for (const point of timeline.take()) assert.ok(point.atMs > atMs, 'what was taken does not come again');
  assert.deepEqual(gone.take(), []);
  timeline.end();
  gone.end();
  await ended(living.child);
});

test("a round's readings are what was added, and how much there is", () => {
  const before = readTotals(self);
  const end = Date.now() + 30;
  while (Date.now() < end);
  const { threadCpuNs: cpu, residentBytes: bytes } = readingsSince(before, self);
  assert.ok((cpu ?? 0) > 0 && (cpu ?? 0) < 1e9);
  assert.ok((bytes ?? 0) > 1e6);
  const vanished = readingsSince(readTotals(nobody), nobody);
  assert.equal(vanished.threadCpuNs, null);
  assert.equal(vanished.residentBytes, null);
});

test("a loop's work leaves out the snapshot itself, and a busy wait is a call for each fd", () => {
  const before = {
    turns: 10,
    blockingTurns: 10,
    sleptTurns: 4,
    events: 20,
    fdsExamined: 100,
    syscalls: { wait: 10, recv: 5 },
    accepted: 0,
    shed: 0,
    atNs: 0,
    cpuNs: 0,
    runQueueWaitNs: 0,
  };
  const after = {
    ...before,
    turns: 16,
    sleptTurns: 8,
    events: 26,
    fdsExamined: 161,
    syscalls: { wait: 16, recv: 10, read: 1 },
  };
  const { turns, sleptTurns, events, fdsExamined, syscalls } = workBetween(before, after, true);
  assert.deepEqual([turns, sleptTurns, events, fdsExamined, syscalls], [5, 3, 5, 60, 10]);
  // 61 fds were asked for one by one in 6 waits.
  assert.equal(workBetween(before, after, false).syscalls, 10 + 61 - 6);
});

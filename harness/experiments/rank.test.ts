import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { startServer } from '../processes/control/parent.js';
import { tryHighestNice } from '../processes/turn-probe/surroundings.js';
import { rankFirst } from './rank.js';

const autogroup = (pid: number) => readFileSync(`/proc/${pid}/autogroup`, 'latin1').trim();
/** Behind the name of `/proc/PID/stat`. proc(5) */
const SESSION = 3;
const sessionOf = (pid: number) =>
  Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[SESSION]);

test('a process that leads its session is ranked first, and its session, but not the one it was started from', (t) => {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { detached: true });
  t.after(() => child.kill('SIGKILL'));
  const { pid = 0 } = child;
  const [ours, groups] = [getPriority(), existsSync(`/proc/${pid}/autogroup`) && autogroup(pid) !== ''];
  const before = groups ? autogroup(process.pid) : null;
  rankFirst(pid);
  const isAllowed = tryHighestNice().ok;
  assert.equal(getPriority(pid), isAllowed ? -20 : ours);
  assert.equal(getPriority(), ours);
  if (before === null) return;
  if (isAllowed) assert.match(autogroup(pid), /nice -20$/);
  assert.equal(autogroup(process.pid), before);
});

test('one that has ended is ranked nowhere, and nobody is told', () => {
  rankFirst(2 ** 22 + 1);
});

test('a server leads a session of its own', async () => {
  const server = startServer();
  try {
    const ask = {
      poller: 'epoll',
      app: 'fixed',
      host: '127.0.0.1',
      port: 0,
      cpu: null,
      fileTable: 'private',
    } as const;
    await server.request('start', ask, 30_000);
    assert.equal(sessionOf(server.pid), server.pid);
  } finally {
    await server.end();
  }
});

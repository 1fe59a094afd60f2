import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { EpollPoller } from '../../../pollers/epoll.js';
import type { NativeCall } from '../../../pollers/poller.js';
import { Pool } from '../batch/pool.js';
import { activeFds, Progress } from './active-fds.js';
import type { TurnConditions } from './protocol.js';
import { buildTwin } from './twin.js';

/** Two bits that epoll_ctl refuses together, so that whoever passes them on hears EINVAL. */
const EPOLLONESHOT = 1 << 30;
const EPOLLEXCLUSIVE = 1 << 28;

/** A turn in which nothing is ready. */
const STILL: TurnConditions = {
  watched: 1,
  ready: 0,
  position: 'none',
  timeout: 'zero',
  wakesPerSecond: 0,
  fileTable: 'private',
};

test("the C twin of a fresh poller registers under the poller's own trigger", (t) => {
  const built = buildTwin(1024);
  if (!built.ok) return t.skip(built.reason);
  const pool = new Pool('eventfd', 1, { first: 300, last: 310, spare: 1, mostPairs: 1 });
  const work = activeFds(pool, 0, STILL, new Progress());
  const poller = new EpollPoller({ trigger: 'edge' });
  try {
    const call = poller.native.call();
    assert.equal(built.twin.batch('fresh', call, 0, work, null)(3), 0);
    const refused = { ...call, triggerBit: EPOLLONESHOT | EPOLLEXCLUSIVE } as NativeCall;
    assert.throws(() => built.twin.batch('fresh', refused, 0, work, null)(3), { code: 'EINVAL' });
  } finally {
    poller.close();
  }
  return undefined;
});

/** What the kernel says when it has queued work for another call; never taken back while there is none. */
const IORING_SQ_TASKRUN = 4;

test("the C twin's turn of io_uring ends where the kernel says that there is more, and there is nothing", (t) => {
  const built = buildTwin(1024);
  if (!built.ok) return t.skip(built.reason);
  const from = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    const { IoUringPoller } = await import(${from('../../../pollers/io-uring.js')});
    const { foreign } = await import(${from('../../../pollers/libc/memory.js')});
    const { Pool } = await import(${from('../batch/pool.js')});
    const { activeFds, Progress } = await import(${from('active-fds.js')});
    const { buildTwin } = await import(${from('twin.js')});
    const { twin } = buildTwin(1024);
    const pool = new Pool('eventfd', 1, { first: 300, last: 310, spare: 1, mostPairs: 1 });
    const work = activeFds(pool, 0, ${JSON.stringify(STILL)}, new Progress());
    const call = new IoUringPoller().native.call();
    Atomics.or(new Int32Array(foreign(call.sqFlags, 4)), 0, ${IORING_SQ_TASKRUN});
    console.log(twin.batch('kept', call, 0, work, null)(3));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(stdout.trim(), '0', stderr);
  return undefined;
});

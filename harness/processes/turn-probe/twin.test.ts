import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EpollPoller } from '../../../pollers/epoll.js';
import type { NativeCall } from '../../../pollers/poller.js';
import { Pool } from '../batch/pool.js';
import { activeFds, Progress } from './active-fds.js';
import { buildTwin } from './twin.js';

/** Two bits that epoll_ctl refuses together, so that whoever passes them on hears EINVAL. */
const EPOLLONESHOT = 1 << 30;
const EPOLLEXCLUSIVE = 1 << 28;

test("the C twin of a fresh poller registers under the poller's own trigger", (t) => {
  const built = buildTwin(1024);
  if (!built.ok) return t.skip(built.reason);
  const pool = new Pool('eventfd', 1, { first: 300, last: 310, spare: 1, mostPairs: 1 });
  const work = activeFds(
    pool,
    0,
    { watched: 1, ready: 0, position: 'none', timeout: 'zero', wakesPerSecond: 0, fileTable: 'private' },
    new Progress(),
  );
  const poller = new EpollPoller({ trigger: 'edge' });
  try {
    const call = poller.native.call();
    assert.equal(built.twin.turns('fresh', call, 0, work, null, 3), 0);
    const refused = { ...call, triggerBit: EPOLLONESHOT | EPOLLEXCLUSIVE } as NativeCall;
    assert.throws(() => built.twin.turns('fresh', refused, 0, work, null, 3), { code: 'EINVAL' });
  } finally {
    poller.close();
  }
  return undefined;
});

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { PollerName } from '../../../../pollers/manifest.js';
import type { SocketKind } from '../../control/messages.js';
import type { Child } from '../../control/parent.js';
import type { BatchProtocol, BatchSample, StartProtocol } from '../protocol.js';

/** Batch subjects as processes, on real sockets. */

export const DEADLINE_MS = 60_000;

/** A subject with a pool of so many pairs, which has gone when this is over. */
export async function withSubject<C extends object, S extends Child<StartProtocol & BatchProtocol<C>>>(
  start: () => S,
  socket: SocketKind,
  pairs: number,
  use: (subject: S) => Promise<void>,
): Promise<void> {
  const subject = start();
  try {
    await subject.request('start', { cpu: null }, DEADLINE_MS);
    await subject.request('open', { socket, size: pairs }, DEADLINE_MS);
    await use(subject);
  } finally {
    await subject.end();
  }
  assert.equal(existsSync(`/proc/${subject.pid}`), false);
}

/** One sample of each of two copies of the code, for every poller. */
export async function measure<C extends object>(
  subject: Child<BatchProtocol<C>>,
  pollers: readonly PollerName[],
  conditions: C,
  batchMs: number,
): Promise<{ samples: readonly BatchSample[]; repetitions: readonly number[] }> {
  const series = ['pollcost', 'pollcost-again'] as const;
  const visits = pollers.map((poller) => ({ poller, conditions, series }));
  const { repetitions } = await subject.request('prepare', { visits, batchMs, sleptBatchMs: 1 }, DEADLINE_MS);
  const steps = visits.map((_, visit) => ({ visit, series }));
  return { ...(await subject.request('round', { steps }, DEADLINE_MS)), repetitions };
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hasCode } from '../ioloop/errors.js';
import { until } from './until.js';

/** Other processes, as /proc shows them. */

/** Those that its main thread has started and that nobody has reaped yet. One that has ended itself fails the test. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH'))
      assert.fail(`process ${pid} ended before its children were looked at`);
    throw error;
  }
}

/** What has ended stays in the table of processes until its parent, perhaps a new one, has heard of it. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}

/** Whether a signal was sent to it that its main thread has not heard of yet. */
export const hasPendingSignal = (pid: number): boolean =>
  /^(Sig|Shd)Pnd:\s*0*[1-9a-f]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

/** Waits for the end of processes of which somebody else is the parent. */
export async function untilGone(...pids: readonly number[]): Promise<void> {
  assert.ok(pids.length > 0, 'there is no process to wait for');
  await until(
    () => !pids.some(isAlive),
    () => `the end of ${pids.filter(isAlive)}`,
  );
}

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Far more than anything takes on a busy machine: only a defect waits so long. */
const PATIENCE_MS = 60_000;

/** Asks again and again until it is so; what never comes fails the test under its name. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: string | (() => string),
): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    const name = () => (typeof what === 'string' ? what : what());
    assert.ok(performance.now() < deadlineMs, `not within ${PATIENCE_MS / 1000} s: ${name()}`);
    await sleep(10);
  }
}

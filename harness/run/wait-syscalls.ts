import { setTimeout as sleep } from 'node:timers/promises';
import type { PollerName } from '../../pollers/manifest.js';
import { waitSyscallOf } from '../collectors/wait-syscall.js';
import { type Child, ChildFailure } from '../processes/control/parent.js';
import type { ProbeFacts, ProbeProtocol } from '../processes/turn-probe/protocol.js';

/** How long a poller sleeps while somebody looks: a busy machine gets several tries. */
const SLEEPS_MS = [20, 200, 1000];
const LOOK_EVERY_MS = 1;
const DEADLINE_MS = 5000;

/**
 * The system call that each of these pollers really sleeps in here, as the kernel says of the sleeping probe; null where
 * it could not be seen. Those that never sleep are left out.
 */
export async function readWaitSyscalls(
  probe: Child<ProbeProtocol>,
  facts: ProbeFacts['pollers'],
  pollers: readonly PollerName[],
): Promise<Record<PollerName, string | null>> {
  const found: Record<PollerName, string | null> = {};
  for (const poller of pollers.filter((name) => facts[name]?.blocks)) {
    try {
      found[poller] = await seenIn(probe, poller);
    } catch (error) {
      // What a poller does in its own time is for the experiments to find out.
      if (!(error instanceof ChildFailure)) throw error;
      found[poller] = null;
    }
  }
  return found;
}

async function seenIn(probe: Child<ProbeProtocol>, poller: PollerName): Promise<string | null> {
  for (const ms of SLEEPS_MS) {
    let isAwake = false;
    const slept = probe.request('sleep', { poller, ms }, DEADLINE_MS).finally(() => {
      isAwake = true;
    });
    let seen: string | null = null;
    while (!isAwake && seen === null) {
      seen = waitSyscallOf(probe.pid);
      await sleep(LOOK_EVERY_MS);
    }
    await slept;
    if (seen !== null) return seen;
  }
  return null;
}

import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

const HIGHEST = constants.priority.PRIORITY_HIGHEST;
/** Refused, or not there any more; and kernels without groups of sessions (CONFIG_SCHED_AUTOGROUP). */
const FORGIVEN = new Set(['EACCES', 'EPERM', 'ESRCH', 'ENOENT', 'EAGAIN', 'EINVAL', 'EIO']);

/**
 * Gives a process that leads a session the highest rank of ordinary ones, nice -20, as far as that is allowed: what else the
 * machine does then is no part of what it measures. Where the kernel ranks sessions before it ranks what is in them, its
 * session has that rank as well. sched(7), "The autogroup feature"
 */
export function rankFirst(pid: number): void {
  forgiven(() => setPriority(pid, HIGHEST));
  forgiven(() => writeFileSync(`/proc/${pid}/autogroup`, String(HIGHEST)));
}

function forgiven(ask: () => void): void {
  try {
    ask();
  } catch (error) {
    const { code = '', info } = error as NodeJS.ErrnoException & { info?: { code?: string } };
    if (!FORGIVEN.has(info?.code ?? code)) throw error;
  }
}

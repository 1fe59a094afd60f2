import { beyondFdSetsize } from './beyond-fd-setsize.js';
import { busyPolling } from './busy-polling.js';
import type { ClaimDefinition } from './claim.js';
import { highestFd } from './highest-fd.js';
import { idleIsFree } from './idle-is-free.js';
import { oneThreadThousands } from './one-thread-thousands.js';
import { regularFiles } from './regular-files.js';
import { scanAfterSelect } from './scan-after-select.js';

/** One line per claim, in the order of the answer and then of the notes. */
export const claims: readonly ClaimDefinition[] = [
  highestFd,
  idleIsFree,
  beyondFdSetsize,
  regularFiles,
  busyPolling,
  scanAfterSelect,
  oneThreadThousands,
];

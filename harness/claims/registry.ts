import { beyondFdSetsize } from './beyond-fd-setsize.js';
import { bothLinear } from './both-linear.js';
import type { ClaimDefinition } from './claim.js';
import { fewSocketsCpu } from './few-sockets-cpu.js';
import { highestFd } from './highest-fd.js';
import { idleIsFree } from './idle-is-free.js';
import { lessCpuMostly } from './less-cpu-mostly.js';
import { payForReady } from './pay-for-ready.js';
import { regularFiles } from './regular-files.js';
import { scanAfterSelect } from './scan-after-select.js';
import { smallDifference } from './small-difference.js';

/** One line per claim, in the order of the answer and then of the notes. */
export const claims: readonly ClaimDefinition[] = [
  fewSocketsCpu,
  smallDifference,
  highestFd,
  bothLinear,
  payForReady,
  idleIsFree,
  lessCpuMostly,
  beyondFdSetsize,
  regularFiles,
  scanAfterSelect,
];

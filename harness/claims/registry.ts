import { beyondFdSetsize } from './beyond-fd-setsize.js';
import type { ClaimDefinition } from './claim.js';
import { epoll20Bytes } from './epoll-20-bytes.js';
import { fewSocketsMemory } from './few-sockets-memory.js';
import { highestFd } from './highest-fd.js';
import { idleIsFree } from './idle-is-free.js';
import { numbersAreSmall } from './numbers-are-small.js';
import { oneHighFd } from './one-high-fd.js';
import { regularFiles } from './regular-files.js';
import { scanAfterSelect } from './scan-after-select.js';
import { select384Bytes } from './select-384-bytes.js';

/** One line per claim, in the order of the answer and then of the notes. */
export const claims: readonly ClaimDefinition[] = [
  fewSocketsMemory,
  highestFd,
  idleIsFree,
  select384Bytes,
  epoll20Bytes,
  oneHighFd,
  beyondFdSetsize,
  regularFiles,
  numbersAreSmall,
  scanAfterSelect,
];

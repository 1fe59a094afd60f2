import { beyondFdSetsize } from './beyond-fd-setsize.js';
import { bothLinear } from './both-linear.js';
import { busyPolling } from './busy-polling.js';
import type { ClaimDefinition } from './claim.js';
import { epoll20Bytes } from './epoll-20-bytes.js';
import { exclusiveEndsTheHerd } from './exclusive-ends-the-herd.js';
import { fewSocketsCpu } from './few-sockets-cpu.js';
import { fewSocketsMemory } from './few-sockets-memory.js';
import { highestFd } from './highest-fd.js';
import { idleIsFree } from './idle-is-free.js';
import { ioUringCheaperTurn } from './io-uring-cheaper-turn.js';
import { ioUringIdleFree } from './io-uring-idle-free.js';
import { ioUringMemory } from './io-uring-memory.js';
import { lessCpuMostly } from './less-cpu-mostly.js';
import { numbersAreSmall } from './numbers-are-small.js';
import { oneHighFd } from './one-high-fd.js';
import { oneThreadThousands } from './one-thread-thousands.js';
import { oneshotCostsASyscall } from './oneshot-costs-a-syscall.js';
import { payForReady } from './pay-for-ready.js';
import { regularFiles } from './regular-files.js';
import { scanAfterSelect } from './scan-after-select.js';
import { select384Bytes } from './select-384-bytes.js';
import { smallDifference } from './small-difference.js';

/** One line per claim, in the order of the answer, then of the notes, then those that go beyond. */
export const claims: readonly ClaimDefinition[] = [
  fewSocketsCpu,
  fewSocketsMemory,
  smallDifference,
  highestFd,
  bothLinear,
  payForReady,
  idleIsFree,
  lessCpuMostly,
  select384Bytes,
  epoll20Bytes,
  oneHighFd,
  beyondFdSetsize,
  regularFiles,
  busyPolling,
  numbersAreSmall,
  scanAfterSelect,
  oneThreadThousands,
  ioUringCheaperTurn,
  ioUringIdleFree,
  ioUringMemory,
  oneshotCostsASyscall,
  exclusiveEndsTheHerd,
];

import { isLinux } from './system.js';

/** What a process can ask about itself, by this system. What a system lacks throws an error that says so. */
type Process = typeof import('./bsd/process.js');

const own: Process = isLinux
  ? { ...(await import('./linux/process.js')), ...(await import('./linux/threads.js')) }
  : await import('./bsd/process.js');

export const {
  dieWithParent,
  endProcessIn,
  fdLimit,
  ignoreInterrupts,
  involuntarySwitches,
  openFds,
  pinThread,
  runBeforeOthers,
  runInShortSlices,
  setSoftFdLimit,
  startSleepingThread,
  unshareFileTable,
} = own;

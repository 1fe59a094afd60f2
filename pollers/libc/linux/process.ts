import { readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { check, declare, outcomeOf, SyscallError } from '../call.js';
import { isOpen } from '../descriptors.js';
import { allocate, type Memory } from '../memory.js';

export { endProcessIn, ignoreInterrupts } from '../signals.js';

const prctl = declare<(option: number, a: number, b: number, c: number, d: number) => number>(
  'int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)',
);
const unshare = declare<(flags: number) => number>('int unshare(int)');
const schedSetaffinity = declare<(pid: number, bytes: number, mask: number) => number>(
  'int sched_setaffinity(int, unsigned long, void *)',
);
const schedSetscheduler = declare<(pid: number, policy: number, parameter: number) => number>(
  'int sched_setscheduler(int, int, void *)',
);
/** `syscall`, because few C libraries have a function for these two. */
const schedSetattr = declare<(number: number, pid: number, attributes: number, flags: number) => number>(
  'long syscall(long, int, intptr_t, unsigned int)',
);
const schedGetattr = declare<
  (number: number, pid: number, attributes: number, bytes: number, flags: number) => number
>('long syscall(long, int, intptr_t, unsigned int, unsigned int)');
const getrlimit = declare<(resource: number, limits: number) => number>('int getrlimit(int, void *)');
const setrlimit = declare<(resource: number, limits: number) => number>('int setrlimit(int, void *)');

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;
const CLONE_FILES = 0x400;
const RLIMIT_NOFILE = 7;
const SCHED_OTHER = 0;
const SCHED_FIFO = 1;
const SCHED_SETATTR = process.arch === 'x64' ? 314 : 274;
const SCHED_GETATTR = process.arch === 'x64' ? 315 : 275;
/** `struct sched_attr` as it first was, which every kernel knows. Its `sched_runtime` is the slice of an ordinary thread. */
const SCHED_ATTR_BYTES = 48;
const SLICE_WORD = 3;
/** The shortest that there is. kernel/sched/syscalls.c, __setparam_fair() */
const SHORTEST_SLICE_NS = 100_000n;
/** What is measured, and what keeps its time beside it: the second goes first. */
const REAL_TIME_PRIORITIES = { subject: 1, timekeeper: 2 } as const;

const scratch = allocate(16);

/** The kernel kills this process when the thread that started it ends. */
export function dieWithParent(): void {
  check(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), 'prctl');
}

/**
 * Gives the calling thread a file table of its own. Fds that other threads hold stay open there even when they are
 * closed here, so this comes before the first socket. @throws SyscallError where a sandbox forbids it
 */
export function unshareFileTable(): void {
  check(unshare(CLONE_FILES), 'unshare');
}

const CPU_MASK_WORD_BITS = 64;

/** As long as the number needs: the C library's cpu_set_t ends at CPU 1 023, the kernel's does not. */
export function cpuMask(cpu: number): Memory {
  const mask = allocate((Math.floor(cpu / CPU_MASK_WORD_BITS) + 1) * (CPU_MASK_WORD_BITS / 8));
  new Uint8Array(mask.buffer)[cpu >> 3] = 1 << (cpu & 7);
  return mask;
}

/** Lets the calling thread run on one CPU only. @throws SyscallError EINVAL when that CPU is not allowed */
export function pinThread(cpu: number): void {
  const mask = cpuMask(cpu);
  check(schedSetaffinity(0, mask.buffer.byteLength, mask.address), 'sched_setaffinity');
}

/**
 * Lets a thread, the calling one unless named, run as soon as it can, before every thread of ordinary rank on its CPU
 * (SCHED_FIFO). It takes CAP_SYS_NICE, and a C library and a sandbox that know the call. Returns what takes it back.
 * @throws SyscallError
 */
export function runBeforeOthers(thread = 0, as: keyof typeof REAL_TIME_PRIORITIES = 'subject'): () => void {
  schedule(thread, SCHED_FIFO, REAL_TIME_PRIORITIES[as]);
  return () => schedule(thread, SCHED_OTHER, 0);
}

function schedule(thread: number, policy: number, priority: number): void {
  new Int32Array(scratch.buffer)[0] = priority;
  check(schedSetscheduler(thread, policy, scratch.address), 'sched_setscheduler');
}

const attributes = allocate(SCHED_ATTR_BYTES);
const attributeWords = new BigUint64Array(attributes.buffer);

/**
 * Lets a thread, the calling one unless named, ask for its CPU in the shortest slices, 0.1 ms: it is of ordinary rank and gets no
 * more of the CPU, but one that is woken need not wait until the slice of another one, some ms, is over. Every thread may. Returns
 * what takes it back, or null where the kernel has no slices to ask for (before Linux 6.12). @throws SyscallError
 */
export function runInShortSlices(thread = 0): (() => void) | null {
  setSlice(thread, SHORTEST_SLICE_NS);
  if (sliceOf(thread) !== SHORTEST_SLICE_NS) return null;
  return () => setSlice(thread, 0n);
}

/** `slice` in ns; 0: the kernel's own. */
function setSlice(thread: number, slice: bigint): void {
  // What else is asked for stays, a nice value, say.
  sliceOf(thread);
  attributeWords[SLICE_WORD] = slice;
  check(schedSetattr(SCHED_SETATTR, thread, attributes.address, 0), 'sched_setattr');
}

/** How long, in ns, a thread keeps its CPU while others wait; 0 where the kernel does not say. @throws SyscallError */
export function sliceOf(thread = 0): bigint {
  const read = schedGetattr(SCHED_GETATTR, thread, attributes.address, SCHED_ATTR_BYTES, 0);
  check(read, 'sched_getattr');
  return attributeWords[SLICE_WORD] as bigint;
}

/** How many fds this process may hold: now, and at most after raising the soft limit. */
export function fdLimit(): { soft: number; hard: number } {
  check(getrlimit(RLIMIT_NOFILE, scratch.address), 'getrlimit');
  const words = new BigUint64Array(scratch.buffer);
  const atMost = (limit: bigint) => (limit > 2n ** 31n ? 2 ** 31 : Number(limit));
  return { soft: atMost(words[0] as bigint), hard: atMost(words[1] as bigint) };
}

/** Sets the soft limit of fds; those above it that are open stay open. @throws SyscallError EINVAL above the hard limit */
export function setSoftFdLimit(soft: number): void {
  check(getrlimit(RLIMIT_NOFILE, scratch.address), 'getrlimit');
  new BigUint64Array(scratch.buffer)[0] = BigInt(soft);
  check(setrlimit(RLIMIT_NOFILE, scratch.address), 'setrlimit');
}

/** The fds that are open here, without the one that reads their folder. */
export const openFds = (): number[] => readdirSync('/proc/self/fd').map(Number).filter(isOpen);

const getrusage = declare<(who: number, usage: number) => number>('int getrusage(int, void *)');
const RUSAGE_THREAD = 1;
/** `struct rusage`: two timevals, then fourteen longs. */
const RUSAGE_BYTES = 144;
const VOLUNTARY_SWITCHES_WORD = 16;

const usage = allocate(RUSAGE_BYTES);
const usageWords = new BigInt64Array(usage.buffer);

/** How often the calling thread has given up the CPU to wait for something. A system call of about 0.4 us. */
export function voluntarySwitches(): number {
  check(getrusage(RUSAGE_THREAD, usage.address), 'getrusage');
  return Number(usageWords[VOLUNTARY_SWITCHES_WORD]);
}

/** How often the calling thread had to give up its CPU although it wanted to go on. */
export function involuntarySwitches(): number {
  check(getrusage(RUSAGE_THREAD, usage.address), 'getrusage');
  return Number(usageWords[VOLUNTARY_SWITCHES_WORD + 1]);
}

const waitpid = declare<(pid: number, status: number, options: number) => number>(
  'int waitpid(int, void *, int)',
);

/** Waits for a child process and forgets it. Returns how it ended: `code 3`, `SIGKILL`. @throws SyscallError ECHILD */
export function reap(pid: number): string {
  const result = outcomeOf(() => waitpid(pid, scratch.address, 0));
  if (result < 0) throw new SyscallError('waitpid', -result, undefined);
  const status = new Int32Array(scratch.buffer)[0] as number;
  const signum = status & 0x7f;
  if (signum === 0) return `code ${(status >> 8) & 0xff}`;
  const [name] = Object.entries(constants.signals).find(([, number]) => number === signum) ?? [];
  return name ?? `signal ${signum}`;
}

import { readFileSync } from 'node:fs';
import {
  check,
  declare,
  EBUSY,
  EINVAL,
  ENOMEM,
  ENOSYS,
  EPERM,
  ETIME,
  lastErrno,
  outcomeOf,
  SyscallError,
  settled,
} from '../call.js';
import { allocate, foreign } from '../memory.js';
import { close } from './files.js';

/**
 * io_uring's three system calls, which libc has no functions for, and its rings: memory of the kernel's that both sides read
 * and write. JavaScript sees it through external ArrayBuffers. Without IORING_SETUP_SQPOLL the kernel's side of them runs in
 * this thread, within its system calls or between two instructions, and never beside it: no barrier is needed, and V8 keeps
 * no element of an array over a call. The tail of the completions alone is loaded with Atomics, so that no entry is read
 * before it; one such access costs 6 to 8 ns. Numbers and layouts are those of every 64-bit architecture.
 */

const SETUP = 425;
const ENTER = 426;

const setupCall = declare<(number: number, entries: number, params: number) => number>(
  'long syscall(long, unsigned int, intptr_t)',
);
const enterCall = declare<
  (
    number: number,
    ring: number,
    toSubmit: number,
    least: number,
    flags: number,
    extra: number,
    bytes: number,
  ) => number
>('int syscall(long, int, int, int, int, intptr_t, int)');
const mmap = declare<
  (address: number, bytes: number, protection: number, flags: number, fd: number, offset: number) => number
>('intptr_t mmap(intptr_t, unsigned long, int, int, int, long)');
const munmap = declare<(address: number, bytes: number) => number>('int munmap(intptr_t, unsigned long)');

export const IORING_OP_NOP = 0;
export const IORING_OP_POLL_ADD = 6;
export const IORING_OP_POLL_REMOVE = 7;
const IORING_OP_ASYNC_CANCEL = 14;
export const IORING_OP_SEND = 26;
export const IORING_OP_RECV = 27;
const IORING_ASYNC_CANCEL_ALL = 1;
const IORING_ASYNC_CANCEL_ANY = 4;
const IOSQE_CQE_SKIP_SUCCESS = 64;

const IORING_SETUP_CQSIZE = 1 << 3;
const IORING_SETUP_SUBMIT_ALL = 1 << 7;
const IORING_SETUP_COOP_TASKRUN = 1 << 8;
const IORING_SETUP_TASKRUN_FLAG = 1 << 9;
const IORING_SETUP_SINGLE_ISSUER = 1 << 12;
const IORING_SETUP_DEFER_TASKRUN = 1 << 13;

const IORING_FEAT_SINGLE_MMAP = 1;
const IORING_FEAT_NODROP = 2;
const IORING_FEAT_EXT_ARG = 1 << 8;
const IORING_FEAT_CQE_SKIP = 1 << 11;

/** Without these there is no poller. */
const OLDEST_FEATURES = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG;

const IORING_ENTER_GETEVENTS = 1;
const IORING_ENTER_EXT_ARG = 8;
/** Of the submission ring's flags: completions wait for room in their ring, or for this thread to make them. */
export const UNSEEN_COMPLETIONS = 2 | 4;

const IORING_OFF_SQES = 0x10000000;
const PROT_READ_WRITE = 3;
const MAP_SHARED_POPULATE = 0x8001;

export const SQE_BYTES = 64;
export const CQE_BYTES = 16;
export const SQE_WORDS = SQE_BYTES / 4;
export const CQE_WORDS = CQE_BYTES / 4;
/** What one ring takes at most. */
export const MOST_ENTRIES = 32_768;

const PARAMS_BYTES = 120;
/** Where `struct io_uring_params` holds, in words: what was made, and the offsets of what lies in the rings. */
const PARAMS = { sqEntries: 0, cqEntries: 1, flags: 2, features: 5, sqOffsets: 10, cqOffsets: 20 } as const;
const SQ = { head: 0, tail: 1, flags: 4, array: 6 } as const;
const CQ = { head: 0, tail: 1, cqes: 5 } as const;

/**
 * How completions come about, best first. Deferred, they are made in this thread's own waits and nowhere else, so that each
 * says what is true then (Linux 6.1); cooperative, at the end of whatever system call is next (5.19); else as they come.
 */
const WAYS = [
  IORING_SETUP_SINGLE_ISSUER |
    IORING_SETUP_DEFER_TASKRUN |
    IORING_SETUP_TASKRUN_FLAG |
    IORING_SETUP_SUBMIT_ALL,
  IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL,
  0,
] as const;
/** `oldest`: as a kernel would have it that knows nothing but the first interface. */
export type RingAge = 'newest' | 'oldest';

const params = allocate(PARAMS_BYTES);
const paramWords = new Int32Array(params.buffer);

/** `struct io_uring_getevents_arg` and the `struct __kernel_timespec` that it points to. */
const extra = allocate(40);
const timespecWords = new Int32Array(extra.buffer, 24, 4);
new BigUint64Array(extra.buffer, 16, 1)[0] = BigInt(extra.address + 24);
const EXTRA_BYTES = 24;
let timespecMs = 0;

function setTimespec(timeoutMs: number): void {
  const seconds = Math.floor(timeoutMs / 1000);
  timespecWords[0] = seconds;
  timespecWords[2] = (timeoutMs - seconds * 1000) * 1e6;
  timespecMs = timeoutMs;
}

/** Indices into `words` of the places that both sides look at. */
interface Places {
  readonly sqHead: number;
  readonly sqTail: number;
  readonly sqFlags: number;
  readonly cqHead: number;
  readonly cqTail: number;
}

export interface RingAddresses extends Places {
  readonly sqes: number;
  readonly cqes: number;
}

/** One ring pair. What it was made for holds until `close`; afterwards its memory must not be touched. */
export class Ring {
  readonly fd: number;
  readonly sqMask: number;
  readonly cqMask: number;
  readonly sqes: Int32Array;
  readonly cqes: Int32Array;
  readonly words: Int32Array;
  readonly at: Places;
  readonly addresses: RingAddresses;
  readonly bytes: number;
  /** The flags that it was made with. */
  readonly setup: number;
  /** Set in a submission whose success nobody wants to hear of, where the kernel can be told so. */
  readonly quiet: number;
  readonly #mapped: readonly [rings: number, ringBytes: number, sqes: number, sqeBytes: number];

  constructor(fd: number) {
    const word = (at: number) => paramWords[at] as number;
    const sqEntries = word(PARAMS.sqEntries);
    const cqEntries = word(PARAMS.cqEntries);
    const sq = (what: number) => word(PARAMS.sqOffsets + what);
    const cq = (what: number) => word(PARAMS.cqOffsets + what);
    const sqeBytes = sqEntries * SQE_BYTES;
    const ringBytes = Math.max(sq(SQ.array) + sqEntries * 4, cq(CQ.cqes) + cqEntries * CQE_BYTES);
    const rings = map(fd, ringBytes, 0);
    const sqes = map(fd, sqeBytes, IORING_OFF_SQES);
    const words = viewed(rings, ringBytes);
    this.fd = fd;
    this.sqMask = sqEntries - 1;
    this.cqMask = cqEntries - 1;
    this.words = words;
    this.sqes = viewed(sqes, sqeBytes);
    this.cqes = words.subarray(cq(CQ.cqes) / 4);
    // Submissions are made in the order of their slots.
    const array = sq(SQ.array) / 4;
    for (let slot = 0; slot < sqEntries; slot++) words[array + slot] = slot;
    const offsets = {
      sqHead: sq(SQ.head),
      sqTail: sq(SQ.tail),
      sqFlags: sq(SQ.flags),
      cqHead: cq(CQ.head),
      cqTail: cq(CQ.tail),
    };
    this.at = eachOf(offsets, (offset) => offset / 4);
    this.addresses = {
      ...eachOf(offsets, (offset) => rings + offset),
      sqes,
      cqes: rings + cq(CQ.cqes),
    };
    this.bytes = ringBytes + sqeBytes;
    this.setup = word(PARAMS.flags);
    this.quiet = word(PARAMS.features) & IORING_FEAT_CQE_SKIP ? IOSQE_CQE_SKIP_SUCCESS : 0;
    this.#mapped = [rings, ringBytes, sqes, sqeBytes];
  }

  /** How many submissions the kernel has not taken yet. */
  get waiting(): number {
    const { words, at } = this;
    return ((words[at.sqTail] as number) - (words[at.sqHead] as number)) | 0;
  }

  /** How many completions can be taken. */
  get completed(): number {
    const { words, at } = this;
    return (Atomics.load(words, at.cqTail) - (words[at.cqHead] as number)) | 0;
  }

  /** Whether the kernel has said that another `enter` brings completions into their ring. */
  get hasUnseen(): boolean {
    return ((this.words[this.at.sqFlags] as number) & UNSEEN_COMPLETIONS) !== 0;
  }

  /**
   * Hands over all submissions and waits until there are `least` completions, as long as the timeout says (-1: for ever).
   * @throws SyscallError unless the time is over, a signal came, or completions have to be taken first
   */
  enter(least: number, timeoutMs: number): void {
    let flags = IORING_ENTER_GETEVENTS;
    if (timeoutMs > 0 || (least > 1 && timeoutMs === 0)) {
      flags |= IORING_ENTER_EXT_ARG;
      if (timeoutMs !== timespecMs) setTimespec(timeoutMs);
    }
    const isTimed = flags !== IORING_ENTER_GETEVENTS;
    const entered = enterCall(
      ENTER,
      this.fd,
      this.waiting,
      least,
      flags,
      isTimed ? extra.address : 0,
      isTimed ? EXTRA_BYTES : 0,
    );
    if (entered === -1) this.#notYet();
  }

  /**
   * Brings completions that wait for another `enter` into their ring, which the kernel does a few at a time, until so many can
   * be taken; returns how many calls that took. A call that brings none is the last: the kernel queues what there is to do
   * before it says so, and where this thread did it in between, what is said stays, though there is nothing more.
   * @throws SyscallError
   */
  bringUnseen(most: number): number {
    let calls = 0;
    let completed = this.completed;
    for (let before = -1; completed !== before && completed < most && this.hasUnseen; calls++) {
      before = completed;
      this.enter(0, 0);
      completed = this.completed;
    }
    return calls;
  }

  /** Hands over all submissions, so that there is room for more. @throws SyscallError */
  submit(): void {
    if (enterCall(ENTER, this.fd, this.waiting, 0, 0, 0, 0) === -1) this.#notYet();
  }

  /**
   * Ends everything and gives the memory back. Every request holds the file that it waits for; the kernel would let go of
   * them only some time after the close.
   */
  close(): void {
    this.submit();
    const { words, at, sqes, sqMask } = this;
    const tail = words[at.sqTail] as number;
    const slot = (tail & sqMask) * SQE_WORDS;
    sqes.fill(0, slot, slot + SQE_WORDS);
    sqes[slot] = IORING_OP_ASYNC_CANCEL;
    sqes[slot + 7] = IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY;
    words[at.sqTail] = tail + 1;
    // More than can come: it makes the kernel finish all that is finished, and not only the next few.
    this.enter(this.cqMask + 1, 0);
    const [rings, ringBytes, entries, entryBytes] = this.#mapped;
    munmap(rings, ringBytes);
    munmap(entries, entryBytes);
    close(this.fd);
  }

  /** Made again, it does not wait. */
  #notYet(): void {
    const again = () => enterCall(ENTER, this.fd, this.waiting, 0, IORING_ENTER_GETEVENTS, 0, 0);
    const result = settled(again);
    if (result < 0 && result !== -ETIME && result !== -EBUSY)
      throw new SyscallError('io_uring_enter', -result, this.fd);
  }
}

function eachOf<Name extends string>(
  values: Readonly<Record<Name, number>>,
  change: (value: number) => number,
): Record<Name, number> {
  const entries = Object.entries<number>(values).map(([name, value]) => [name, change(value)]);
  return Object.fromEntries(entries) as Record<Name, number>;
}

function map(fd: number, bytes: number, offset: number): number {
  const address = mmap(0, bytes, PROT_READ_WRITE, MAP_SHARED_POPULATE, fd, offset);
  if (address !== -1) return address;
  const errno = lastErrno();
  close(fd);
  throw new SyscallError('mmap', errno, fd);
}

const viewed = (address: number, bytes: number): Int32Array => new Int32Array(foreign(address, bytes));

/** The system call alone, of a ring that somebody else keeps: hands over, and has completions made, without waiting. */
export const enterRing = (fd: number, toSubmit: number): number =>
  check(enterCall(ENTER, fd, toSubmit, 0, IORING_ENTER_GETEVENTS, 0, 0), 'io_uring_enter', fd);

/** A ring for so many submissions, a power of two, and twice as many completions. @throws SyscallError */
export function createRing(entries: number, age: RingAge = 'newest'): Ring {
  for (const way of age === 'newest' ? WAYS : [0]) {
    paramWords.fill(0);
    paramWords[PARAMS.cqEntries] = entries * 2;
    paramWords[PARAMS.flags] = way | IORING_SETUP_CQSIZE;
    const fd = outcomeOf(() => setupCall(SETUP, entries, params.address));
    if (age === 'oldest')
      paramWords[PARAMS.features] = (paramWords[PARAMS.features] as number) & OLDEST_FEATURES;
    if (fd >= 0) return new Ring(asNeeded(fd));
    if (fd !== -EINVAL) throw refused(-fd);
  }
  throw refused(EINVAL);
}

function asNeeded(fd: number): number {
  if (((paramWords[PARAMS.features] as number) & OLDEST_FEATURES) === OLDEST_FEATURES) return fd;
  close(fd);
  throw new Error('its io_uring knows no wait with a timeout: Linux 5.11 and later have it');
}

/** What the kernel's refusal of a ring means, and what would change it. */
function refused(errno: number): SyscallError {
  return new SyscallError('io_uring_setup', errno, undefined, adviceOn(errno, disabledBy()));
}

const disabledBy = (): string | null => {
  try {
    return readFileSync('/proc/sys/kernel/io_uring_disabled', 'latin1').trim();
  } catch (error) {
    // Before Linux 6.6 there was no such setting.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/** `disabled` is what kernel.io_uring_disabled says, null where there is no such setting. */
export function adviceOn(errno: number, disabled: string | null): string | undefined {
  switch (errno) {
    case EPERM:
      return disabled !== null && disabled !== '0'
        ? `kernel.io_uring_disabled is ${disabled}; sysctl kernel.io_uring_disabled=0 allows it to all`
        : 'a seccomp filter forbids it, as those of containers do; run it under one that allows io_uring_setup and io_uring_enter';
    case ENOSYS:
      return 'this kernel has no io_uring, or a seccomp filter hides it; Linux 5.11 and later, built with CONFIG_IO_URING, have it';
    case ENOMEM:
      return 'there is no memory for its rings, which count against the limit on locked memory unless the process has CAP_IPC_LOCK; ulimit -l raises it';
    default:
      return undefined;
  }
}

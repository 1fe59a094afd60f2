import type { WaitCall } from '../processes/turn-probe/protocol.js';

/**
 * What Linux takes for waiting, by arithmetic on its own structures, for 64-bit machines (fs/select.c, fs/eventpoll.c,
 * include/linux/poll.h). What lies on the kernel's stack, which each thread has anyway, counts nothing. All in bytes.
 */

/** What one object of each kind takes of its slab, without the pointer to the memory cgroup that pays for it. */
export interface ObjectBytes {
  readonly epitem: number;
  readonly eppollEntry: number;
  readonly epHead: number;
  readonly eventpoll: number;
  readonly file: number;
  readonly dentry: number;
  readonly tcpSocket: number;
  readonly socketInode: number;
  readonly bindBucket: number;
  readonly pollRequest: number;
  readonly ringContext: number;
}

/** The cache of each kind. */
export const CACHES: Readonly<Record<keyof ObjectBytes, string>> = {
  epitem: 'eventpoll_epi',
  eppollEntry: 'eventpoll_pwq',
  epHead: 'ep_head',
  eventpoll: 'kmalloc-256',
  file: 'filp',
  dentry: 'dentry',
  tcpSocket: 'TCP',
  socketInode: 'sock_inode_cache',
  bindBucket: 'tcp_bind_bucket',
  pollRequest: 'io_kiocb',
  ringContext: 'kmalloc-2k',
};

/** As Linux 6.18 has them on x64, where the running kernel does not tell its own. */
export const KNOWN_OBJECT_BYTES: ObjectBytes = {
  epitem: 128,
  eppollEntry: 64,
  epHead: 16,
  eventpoll: 256,
  file: 192,
  dentry: 192,
  tcpSocket: 2368,
  socketInode: 832,
  bindBucket: 128,
  pollRequest: 256,
  ringContext: 2048,
};

/** The struct of each kind, what its cache adds to one (a free pointer, where the object may still be read), and to what it rounds. */
const SLOTS: Readonly<
  Record<keyof ObjectBytes, readonly [struct: string, added: number, rounded: number | 'doubling']>
> = {
  epitem: ['epitem', 0, 64],
  eppollEntry: ['eppoll_entry', 0, 8],
  epHead: ['epitems_head', 0, 8],
  eventpoll: ['eventpoll', 0, 'doubling'],
  file: ['file', 0, 64],
  dentry: ['dentry', 0, 8],
  tcpSocket: ['tcp_sock', 8, 64],
  socketInode: ['socket_alloc', 8, 64],
  bindBucket: ['inet_bind_bucket', 0, 64],
  pollRequest: ['io_kiocb', 0, 64],
  ringContext: ['io_ring_ctx', 0, 'doubling'],
};

const LONG = 8;
/** What the kernel keeps beside each object since 6.10, so that it knows who pays for it; before, a pointer. */
const BESIDE = 'slabobj_ext';

export const STRUCTS: readonly string[] = [...Object.values(SLOTS).map(([struct]) => struct), BESIDE];

/** A kernel that profiles its allocations keeps more than the pointer. */
export const besideBytesOf = (structBytes: ReadonlyMap<string, number> | null): number =>
  structBytes?.get(BESIDE) ?? LONG;

/**
 * What objects take, by the sizes that the running kernel gives for its structs; those of 6.18 where it gives none at all. A
 * kernel that gives others and no `epitems_head` has none, and so no object of it either.
 */
export function objectBytesOf(structBytes: ReadonlyMap<string, number> | null): ObjectBytes {
  if (structBytes === null) return KNOWN_OBJECT_BYTES;
  const kinds = Object.keys(SLOTS) as (keyof ObjectBytes)[];
  const sizes = kinds.map((kind) => {
    const [struct, added, rounded] = SLOTS[kind];
    const bytes = structBytes.get(struct);
    if (bytes === undefined) return [kind, kind === 'epHead' ? 0 : KNOWN_OBJECT_BYTES[kind]];
    const whole = bytes + added;
    return [
      kind,
      rounded === 'doubling' ? 2 ** Math.ceil(Math.log2(whole)) : Math.ceil(whole / rounded) * rounded,
    ];
  });
  return Object.fromEntries(sizes) as unknown as ObjectBytes;
}

export interface Layouts {
  readonly objectBytes: ObjectBytes;
  /** Where the kernel keeps, for each object of these kinds, which memory cgroup pays for it: what that takes, mostly 8; else 0. */
  readonly cgroupPointer: number;
  readonly page: number;
  /** `struct epoll_event` in user space, packed on x64 only. */
  readonly epollEvent: number;
}

const POLLFD = 8;
/** FRONTEND_STACK_ALLOC: bitmaps or pollfds up to this stay on the stack. */
const STACK = 256;
/** `struct poll_list` and `struct poll_table_page` up to their entries. */
const CHUNK_HEAD = 16;
const WAIT_ENTRY = 64;
/** N_INLINE_POLL_ENTRIES */
const INLINE_WAIT_ENTRIES = 9;

/** One bitmap for fds up to this number: whole longs. */
export const bitmapBytes = (highestFd: number): number => Math.ceil((highestFd + 1) / 64) * LONG;

/** core_sys_select(): three sets in and three out, beyond the stack by kvmalloc. */
export function selectBitmapBytes(highestFd: number): number {
  const size = bitmapBytes(highestFd);
  return size > Math.floor(STACK / 6) ? 6 * size : 0;
}

/** poll_get_entry(): the entries in the fds' wait queues, beyond the first few in whole pages. */
export function waitEntryBytes(watched: number, page: number): number {
  const perPage = Math.floor((page - CHUNK_HEAD) / WAIT_ENTRY);
  return Math.ceil(Math.max(0, watched - INLINE_WAIT_ENTRIES) / perPage) * page;
}

/** do_sys_poll(): its copy of the pollfds, beyond the first 30 in chunks of up to a page by kmalloc. */
export function pollCopyBytes(watched: number, page: number): number {
  const left = Math.max(0, watched - (STACK - CHUNK_HEAD) / POLLFD);
  const chunks = Math.ceil(left / Math.floor((page - CHUNK_HEAD) / POLLFD));
  return chunks * CHUNK_HEAD + left * POLLFD;
}

/** What each watched fd costs epoll for as long as it is watched: one object of each of its three caches. */
export const epollBytesPerFd = ({ objectBytes: o, cgroupPointer }: Layouts): number =>
  [o.epitem, o.eppollEntry, o.epHead]
    .filter((bytes) => bytes > 0)
    .reduce((sum, bytes) => sum + bytes + cgroupPointer, 0);

/** The instance: `struct eventpoll`, which no cgroup pays for, its file and the file's name. */
export const epollInstanceBytes = ({ objectBytes: o, cgroupPointer }: Layouts): number =>
  o.eventpoll + o.file + o.dentry + 2 * cgroupPointer;

/** IO_REQ_ALLOC_BATCH: requests are taken from their slab so many at a time. */
const REQUESTS_AT_ONCE = 8;

/** What the kernel keeps for so many poll requests of io_uring, each with its place in the fd's wait queue. */
export const pollRequestBytes = (watched: number, { objectBytes: o, cgroupPointer }: Layouts): number =>
  Math.ceil(watched / REQUESTS_AT_ONCE) * REQUESTS_AT_ONCE * (o.pollRequest + cgroupPointer);

/** An io_uring without its rings, which are the program's memory too and stand there: its context, its file and its name. */
export const ringInstanceBytes = ({ objectBytes: o, cgroupPointer }: Layouts): number =>
  o.ringContext + o.file + o.dentry + 3 * cgroupPointer;

/** An entry of the submission ring and one of the completion ring for each fd. */
const RING_ENTRIES = 64 + 16;

/** A loopback connection without data in it: both ends, and the two bind buckets of the end that connected. */
export const connectionBytes = ({ objectBytes: o, cgroupPointer }: Layouts): number =>
  2 * (o.tcpSocket + o.socketInode + o.file + o.dentry) + 2 * o.bindBucket + 10 * cgroupPointer;

export interface Ledger {
  readonly userBytes: number;
  readonly kernelPersistentBytes: number;
  readonly kernelBlockedBytes: number;
  readonly socketBytes: number;
}

/** Everything that watching `watched` connections for reading takes, the last of them at `highestFd`. */
export function ledgerOf(call: WaitCall, watched: number, highestFd: number, layouts: Layouts): Ledger {
  const { page, epollEvent } = layouts;
  const socketBytes = watched * connectionBytes(layouts);
  const entries = waitEntryBytes(watched, page);
  switch (call) {
    case 'select':
      return {
        userBytes: bitmapBytes(highestFd),
        kernelPersistentBytes: 0,
        kernelBlockedBytes: selectBitmapBytes(highestFd) + entries,
        socketBytes,
      };
    case 'poll':
      return {
        userBytes: watched * POLLFD,
        kernelPersistentBytes: 0,
        kernelBlockedBytes: pollCopyBytes(watched, page) + entries,
        socketBytes,
      };
    case 'epoll':
      return {
        userBytes: watched * epollEvent,
        kernelPersistentBytes: epollInstanceBytes(layouts) + watched * epollBytesPerFd(layouts),
        kernelBlockedBytes: 0,
        socketBytes,
      };
    case 'io_uring':
      return {
        userBytes: watched * RING_ENTRIES,
        kernelPersistentBytes: ringInstanceBytes(layouts) + pollRequestBytes(watched, layouts),
        kernelBlockedBytes: 0,
        socketBytes,
      };
    case 'poll-each':
      return { userBytes: watched * POLLFD, kernelPersistentBytes: 0, kernelBlockedBytes: 0, socketBytes };
  }
}

import { grown } from './interests.js';
import {
  EV_ADD,
  EV_DELETE,
  EVFILT_READ,
  EVFILT_WRITE,
  KEVENT,
  type KqueueCalls,
  kqueueCalls,
  TIMESPEC_BYTES,
} from './libc/bsd/kqueue.js';
import { check, EBADF, ENOENT, lastErrno, SyscallError } from './libc/call.js';
import { close, closeOnExec } from './libc/descriptors.js';
import { allocate, type Memory } from './libc/memory.js';
import { type Interest, READ, WRITE } from './poller.js';
import { TablePoller } from './table.js';
import { wholeMilliseconds } from './timeout.js';

/** Events taken per wait at first; it doubles whenever a wait filled it. */
const FIRST_ROOM = 64;

export interface KqueueOptions {
  /** Events taken at most per wait. */
  readonly room?: number;
  /** For tests, where there is no kqueue. */
  readonly calls?: KqueueCalls;
}

/**
 * kqueue(2), level-triggered: a registration is a filter for each direction, and one fd that is ready in both comes as two events.
 * An fd that is closed takes its filters along, so that nothing stale is ever reported.
 *
 * An error of a socket is an end of file to kqueue (EV_EOF), and only to some files with an errno beside it: as under select,
 * whoever reads or writes learns of it. A regular file is readable as long as it is not read to its end.
 */
export class KqueuePoller extends TablePoller {
  /** There is no C twin where there is a kqueue. */
  readonly native?: never;
  readonly #calls: KqueueCalls;
  readonly #stride: number;
  readonly #kq: number;
  readonly #growsRoom: boolean;
  readonly #changes: Memory;
  readonly #changed: DataView;
  readonly #timespec = allocate(TIMESPEC_BYTES);
  readonly #timespecWords = new Int32Array(this.#timespec.buffer);
  #room: number;
  #memory: Memory;
  /** The same memory by the words in which an event has its fd and its filter. */
  #words: Int32Array;
  #halves: Int16Array;
  #filled = false;
  /** By fd: where it stands in the ready set that is being filled, if it does. */
  #placeOf = new Int32Array(64);

  constructor({ room, calls = kqueueCalls() }: KqueueOptions = {}) {
    super('kqueue', {
      maxFd: 2 ** 31 - 1,
      trigger: 'level',
      reportsErrors: false,
      watchesRegularFiles: true,
      blocks: true,
      refusesAtRegister: true,
      ownsFd: true,
      registersBySyscall: true,
      scansAll: false,
    });
    this.#calls = calls;
    this.#stride = calls.eventBytes;
    this.#growsRoom = room === undefined;
    this.#room = room ?? FIRST_ROOM;
    this.#changes = allocate(2 * this.#stride);
    this.#changed = new DataView(this.#changes.buffer);
    this.#memory = allocate(this.#room * this.#stride);
    this.#words = new Int32Array(this.#memory.buffer);
    this.#halves = new Int16Array(this.#memory.buffer);
    this.makeRoom(this.#room);
    this.#kq = check(calls.kqueue(), 'kqueue');
    closeOnExec(this.#kq);
  }

  register(fd: number, interest: Interest): void {
    this.interests.add(fd, interest);
    if (fd >= this.#placeOf.length) this.#placeOf = grown(this.#placeOf, fd + 1);
    if (this.#change(fd, 0, interest) === -1) this.#refuse(fd, 0);
  }

  modify(fd: number, interest: Interest): void {
    const before = this.interests.replace(fd, interest);
    // What stays is asked for again: one that was closed is found out also when nothing else changes.
    if (this.#change(fd, before, interest) === -1) this.#refuse(fd, before);
  }

  unregister(fd: number): void {
    const before = this.interests.remove(fd);
    if (this.#change(fd, before, 0) !== -1) return;
    const errno = lastErrno();
    // The fd was closed (EBADF), or its number now belongs to another file (ENOENT).
    if (errno !== EBADF && errno !== ENOENT) throw new SyscallError('kevent', errno, fd);
  }

  wait(timeoutMs: number | null): number {
    this.interests.assertOpen();
    if (this.#filled) this.#doubleRoom();
    let answered = this.#ask(wholeMilliseconds(timeoutMs));
    if (answered === -1) answered = this.settle('kevent', this.#askAtOnce, { fd: this.#kq });
    this.#filled = this.#growsRoom && answered === this.#room;
    return this.#collect(answered);
  }

  override close(): void {
    if (!this.interests.isOpen) return;
    super.close();
    close(this.#kq);
  }

  protected override ownBytes(): number {
    return (
      this.#memory.buffer.byteLength +
      this.#changes.buffer.byteLength +
      this.#timespec.buffer.byteLength +
      this.#placeOf.byteLength
    );
  }

  readonly #askAtOnce = (): number => this.#ask(0);

  #ask(timeoutMs: number): number {
    const until = this.#timespecOf(timeoutMs);
    return this.#calls.kevent(this.#kq, 0, 0, this.#memory.address, this.#room, until);
  }

  #collect(answered: number): number {
    const words = this.#words;
    const halves = this.#halves;
    const placeOf = this.#placeOf;
    const fds = this.readyFds;
    const events = this.readyEvents;
    let count = 0;
    for (let at = 0, end = answered * this.#stride; at < end; at += this.#stride) {
      const fd = words[(at + KEVENT.ident) >> 2] as number;
      const readiness = halves[(at + KEVENT.filter) >> 1] === EVFILT_READ ? READ : WRITE;
      const place = placeOf[fd] as number;
      if (place < count && fds[place] === fd) {
        events[place] = (events[place] as number) | readiness;
        continue;
      }
      placeOf[fd] = count;
      fds[count] = fd;
      events[count++] = readiness;
    }
    this.fdsExamined = answered;
    return count;
  }

  /** Ends the filters that are no longer wanted and asks for those that are; -1 with errno where the kernel refuses one. */
  #change(fd: number, before: Interest | 0, after: Interest | 0): number {
    let count = 0;
    for (const [bit, filter] of FILTERS) {
      if (after & bit) this.#write(count++, fd, filter, EV_ADD);
      else if (before & bit) this.#write(count++, fd, filter, EV_DELETE);
    }
    return this.#calls.kevent(this.#kq, this.#changes.address, count, 0, 0, 0);
  }

  #write(slot: number, fd: number, filter: number, flags: number): void {
    const at = slot * this.#stride;
    this.#changed.setBigUint64(at + KEVENT.ident, BigInt(fd), true);
    this.#changed.setInt16(at + KEVENT.filter, filter, true);
    this.#changed.setUint16(at + KEVENT.flags, flags, true);
  }

  /** Forgets what the kernel has just refused, and what it has taken of it. */
  #refuse(fd: number, before: Interest | 0): never {
    const errno = lastErrno();
    const interest = this.interests.remove(fd);
    for (const [bit, filter] of FILTERS) {
      if (((before | interest) & bit) === 0) continue;
      this.#write(0, fd, filter, EV_DELETE);
      this.#calls.kevent(this.#kq, this.#changes.address, 1, 0, 0, 0);
    }
    throw new SyscallError('kevent', errno, fd);
  }

  #timespecOf(timeoutMs: number): number {
    if (timeoutMs < 0) return 0;
    const seconds = Math.floor(timeoutMs / 1000);
    this.#timespecWords[0] = seconds;
    this.#timespecWords[2] = (timeoutMs - seconds * 1000) * 1e6;
    return this.#timespec.address;
  }

  #doubleRoom(): void {
    this.#filled = false;
    this.#room *= 2;
    this.#memory = allocate(this.#room * this.#stride);
    this.#words = new Int32Array(this.#memory.buffer);
    this.#halves = new Int16Array(this.#memory.buffer);
    this.makeRoom(this.#room);
  }
}

const FILTERS = [
  [READ, EVFILT_READ],
  [WRITE, EVFILT_WRITE],
] as const;

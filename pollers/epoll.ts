import { EpollInstance, EVENT_WORDS, FD_WORD, isGone, TAG_WORD } from './epoll-instance.js';
import { grown } from './interests.js';
import { EEXIST, ENOENT, SyscallError } from './libc/call.js';
import { EPOLL_EVENT_BYTES } from './libc/linux/layout.js';
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLONESHOT,
  epollWaitCall,
} from './libc/linux/polling.js';
import { allocate, type Memory } from './libc/memory.js';
import type { Interest, NativeWait, Trigger } from './poller.js';
import { eventsOf, readinessOf } from './readiness.js';
import { TablePoller } from './table.js';
import { wholeMilliseconds } from './timeout.js';

/** Events taken per wait at first; it doubles whenever a wait filled it. */
const FIRST_ROOM = 64;
/** Bits of an entry: the interest; one-shot, whether it was reported and waits for modify; the rest is a tag. */
const INTEREST = 3;
const SPENT = 4;
const TAG = ~(INTEREST | SPENT);
/** Between one tag and the next. */
const STEP = 8;

export interface EpollOptions {
  /** Events taken at most per wait. */
  readonly room?: number;
  readonly trigger?: Trigger;
  /** Of several pollers that watch one file, not all are woken. One-shot registrations cannot have it. */
  readonly exclusive?: boolean;
}

const NAMES = { level: 'epoll', edge: 'epoll-et', oneshot: 'epoll-oneshot' } as const;
const TRIGGER_BITS = { level: 0, edge: EPOLLET, oneshot: EPOLLONESHOT } as const;

/**
 * epoll(7). Beside the fd, each entry's `epoll_data` carries a tag of its registration. An event with an older tag
 * belongs to a file that was closed while a duplicate of it lives: the kernel cannot be told to forget it, and
 * level-triggered it would end every wait at once. So the first such event makes the poller build its instance anew.
 */
export class EpollPoller extends TablePoller {
  readonly native: NativeWait = {
    call: () => ({
      call: 'epoll',
      epfd: this.#instance.fd,
      events: this.#memory.address,
      room: this.#room,
      triggerBit: this.#triggerBit,
    }),
    collect: (answered) => this.#collect(answered),
    sharedBytes: () => this.#room * EPOLL_EVENT_BYTES,
  };

  readonly #triggerBit: number;
  readonly #isOneshot: boolean;
  readonly #isExclusive: boolean;
  readonly #growsRoom: boolean;
  readonly #instance = new EpollInstance();
  /** By fd: all that an event is held against in one word, so that it touches one place; 0 where nothing is registered. */
  #entries = new Int32Array(64);
  #lastTag = 0;
  #room: number;
  #memory: Memory;
  #words: Int32Array;

  constructor({ trigger = 'level', room, exclusive = false }: EpollOptions = {}) {
    super(NAMES[trigger], {
      maxFd: 2 ** 31 - 1,
      trigger,
      reportsErrors: true,
      watchesRegularFiles: false,
      blocks: true,
      refusesAtRegister: true,
      ownsFd: true,
      registersBySyscall: true,
      scansAll: false,
    });
    this.#isOneshot = trigger === 'oneshot';
    this.#isExclusive = exclusive && !this.#isOneshot;
    this.#triggerBit = TRIGGER_BITS[trigger] | (this.#isExclusive ? EPOLLEXCLUSIVE : 0);
    this.#growsRoom = room === undefined;
    this.#room = room ?? FIRST_ROOM;
    this.#memory = allocate(this.#room * EPOLL_EVENT_BYTES);
    this.#words = new Int32Array(this.#memory.buffer);
    this.makeRoom(this.#room);
  }

  register(fd: number, interest: Interest): void {
    this.interests.add(fd, interest);
    if (fd >= this.#entries.length) this.#entries = grown(this.#entries, fd + 1);
    // Never 0, also after a thousand million registrations.
    this.#lastTag = (this.#lastTag + STEP) | 0 || STEP;
    const errno = this.#tell(EPOLL_CTL_ADD, fd, interest, this.#lastTag);
    // The file was closed before it was unregistered, and a duplicate of it is back at the same number.
    const second = errno === EEXIST ? this.#change(fd, interest) : errno;
    if (second !== 0) this.#refuse(fd, second);
  }

  modify(fd: number, interest: Interest): void {
    this.interests.replace(fd, interest);
    const errno = this.#change(fd, interest);
    if (errno !== 0) this.#refuse(fd, errno);
  }

  unregister(fd: number): void {
    this.interests.remove(fd);
    this.#entries[fd] = 0;
    const errno = this.#instance.control(EPOLL_CTL_DEL, fd, 0, 0);
    if (errno !== 0 && errno !== ENOENT && !isGone(errno)) throw new SyscallError('epoll_ctl', errno, fd);
  }

  wait(timeoutMs: number | null): number {
    this.interests.assertOpen();
    if (this.fdsExamined === this.#room) this.#growRoom();
    let answered = this.#ask(wholeMilliseconds(timeoutMs));
    if (answered === -1) answered = this.#settle();
    const count = this.#collect(answered);
    if (this.#isOneshot) this.#spend(count);
    if (count < answered) this.#rebuild();
    return count;
  }

  override close(): void {
    super.close();
    this.#instance.close();
  }

  protected override ownBytes(): number {
    return this.#memory.buffer.byteLength + this.#instance.bytes + this.#entries.byteLength;
  }

  readonly #askAtOnce = (): number => this.#ask(0);

  #settle(): number {
    return this.settle('epoll_wait', this.#askAtOnce, { fd: this.#instance.fd });
  }

  #ask(timeoutMs: number): number {
    return epollWaitCall(this.#instance.fd, this.#memory.address, this.#room, timeoutMs);
  }

  #collect(answered: number): number {
    const words = this.#words;
    const entries = this.#entries;
    const fds = this.readyFds;
    const events = this.readyEvents;
    let count = 0;
    for (let at = 0, end = answered * EVENT_WORDS; at < end; at += EVENT_WORDS) {
      const fd = words[at + FD_WORD] as number;
      const entry = entries[fd] as number;
      if ((entry & TAG) !== words[at + TAG_WORD]) continue;
      fds[count] = fd;
      events[count++] = readinessOf(words[at] as number, entry & INTEREST);
    }
    this.fdsExamined = answered;
    return count;
  }

  /** Returns 0, or the errno with which the kernel refused. */
  #tell(operation: number, fd: number, interest: Interest, tag: number): number {
    this.#entries[fd] = tag | interest;
    return this.#instance.control(operation, fd, eventsOf(interest) | this.#triggerBit, tag);
  }

  /** Puts another interest in the place of the one that the instance has, or has lost. Returns 0 or an errno. */
  #change(fd: number, interest: Interest): number {
    const entry = this.#entries[fd] as number;
    if (this.#isExclusive) {
      const errno = this.#instance.control(EPOLL_CTL_DEL, fd, 0, 0);
      return errno === 0 ? this.#tell(EPOLL_CTL_ADD, fd, interest, entry & TAG) : errno;
    }
    const errno = this.#tell(EPOLL_CTL_MOD, fd, interest, entry & TAG);
    // The instance was built anew without it.
    return entry & SPENT && errno === ENOENT ? this.#tell(EPOLL_CTL_ADD, fd, interest, entry & TAG) : errno;
  }

  #spend(count: number): void {
    for (let at = 0; at < count; at++) {
      const fd = this.readyFds[at] as number;
      this.#entries[fd] = (this.#entries[fd] as number) | SPENT;
    }
  }

  /** Forgets what the kernel has just refused. */
  #refuse(fd: number, errno: number): never {
    this.interests.remove(fd);
    this.#entries[fd] = 0;
    throw new SyscallError('epoll_ctl', errno, fd);
  }

  #growRoom(): void {
    if (!this.#growsRoom) return;
    this.#room *= 2;
    this.#memory = allocate(this.#room * EPOLL_EVENT_BYTES);
    this.#words = new Int32Array(this.#memory.buffer);
    this.makeRoom(this.#room);
  }

  #rebuild(): void {
    this.#instance.renew();
    for (const [fd, interest] of this.interests) {
      const entry = this.#entries[fd] as number;
      // One that was reported once is reported no more until modify, which adds it then.
      if (entry & SPENT) continue;
      const errno = this.#tell(EPOLL_CTL_ADD, fd, interest, entry & TAG);
      // Closed without unregister: epoll would have dropped it silently.
      if (errno !== 0 && !isGone(errno)) throw new SyscallError('epoll_ctl', errno, fd);
    }
  }
}

import { grown } from './interests.js';
import { EBADF, EEXIST, ENOENT, EPERM, lastErrno, SyscallError } from './libc/call.js';
import { close } from './libc/descriptors.js';
import { EPOLL_DATA_OFFSET, EPOLL_EVENT_BYTES } from './libc/linux/layout.js';
import {
  createEpoll,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLONESHOT,
  epollCtlCall,
  epollWaitCall,
} from './libc/linux/polling.js';
import { allocate, type Memory } from './libc/memory.js';
import type { Interest, NativeWait, Trigger } from './poller.js';
import { eventsOf, readinessOf } from './readiness.js';
import { TablePoller } from './table.js';
import { wholeMilliseconds } from './timeout.js';

const EVENT_WORDS = EPOLL_EVENT_BYTES / 4;
const FD_WORD = EPOLL_DATA_OFFSET / 4;
const GENERATION_WORD = FD_WORD + 1;
/** Events taken per wait at first; it doubles whenever a wait filled it. */
const FIRST_ROOM = 64;

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
 * epoll(7). Beside the fd, each entry's `epoll_data` carries the generation of its registration. An event of an older
 * generation belongs to a file that was closed while a duplicate of it lives: the kernel cannot be told to forget it,
 * and level-triggered it would end every wait at once. So the first such event makes the poller build its instance anew.
 */
export class EpollPoller extends TablePoller {
  readonly native: NativeWait = {
    call: () => ({
      call: 'epoll',
      epfd: this.#epfd,
      events: this.#memory.address,
      room: this.#room,
      triggerBit: this.#triggerBit,
    }),
    collect: (answered) => this.#collect(answered),
    sharedBytes: () => this.#room * EPOLL_EVENT_BYTES,
  };

  readonly #triggerBit: number;
  readonly #growsRoom: boolean;
  readonly #isExclusive: boolean;
  /** One-shot: by fd, whether it was reported and waits for modify. */
  #spent = new Uint8Array(0);
  #epfd = createEpoll();
  #generations = new Int32Array(64);
  #generation = 0;
  #room: number;
  #memory: Memory;
  #words: Int32Array;
  #filled = false;
  readonly #event = allocate(EPOLL_EVENT_BYTES);
  readonly #eventWords = new Int32Array(this.#event.buffer);

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
    this.#isExclusive = exclusive && trigger !== 'oneshot';
    this.#triggerBit = TRIGGER_BITS[trigger] | (this.#isExclusive ? EPOLLEXCLUSIVE : 0);
    if (trigger === 'oneshot') this.#spent = new Uint8Array(64);
    this.#growsRoom = room === undefined;
    this.#room = room ?? FIRST_ROOM;
    this.#memory = allocate(this.#room * EPOLL_EVENT_BYTES);
    this.#words = new Int32Array(this.#memory.buffer);
    this.makeRoom(this.#room);
  }

  register(fd: number, interest: Interest): void {
    this.interests.add(fd, interest);
    if (fd >= this.#generations.length) this.#growTables(fd);
    this.#generations[fd] = ++this.#generation;
    if (this.#control(EPOLL_CTL_ADD, fd, interest) !== -1) return;
    // The file was closed before it was unregistered, and a duplicate of it is back at the same number.
    if (lastErrno() === EEXIST && this.#change(fd, interest) !== -1) return;
    this.#refuse(fd);
  }

  modify(fd: number, interest: Interest): void {
    this.interests.replace(fd, interest);
    if (this.#change(fd, interest) === -1) this.#refuse(fd);
  }

  unregister(fd: number): void {
    this.interests.remove(fd);
    if (this.#spent[fd] === 1) this.#spent[fd] = 0;
    if (epollCtlCall(this.#epfd, EPOLL_CTL_DEL, fd, 0) !== -1) return;
    // The fd was closed (EBADF), or its number now belongs to another file (ENOENT, EPERM).
    const errno = lastErrno();
    if (errno !== EBADF && errno !== ENOENT && errno !== EPERM)
      throw new SyscallError('epoll_ctl', errno, fd);
  }

  wait(timeoutMs: number | null): number {
    this.interests.assertOpen();
    if (this.#filled) this.#doubleRoom();
    const answered = epollWaitCall(
      this.#epfd,
      this.#memory.address,
      this.#room,
      wholeMilliseconds(timeoutMs),
    );
    if (answered === -1) return this.interrupted('epoll_wait', this.#epfd);
    this.#filled = this.#growsRoom && answered === this.#room;
    const count = this.#collect(answered);
    if (this.#spent.length > 0) this.#spend(count);
    if (count < answered) this.#rebuild();
    return count;
  }

  override close(): void {
    if (!this.interests.isOpen) return;
    super.close();
    if (this.#epfd !== -1) close(this.#epfd);
  }

  protected override ownBytes(): number {
    return (
      this.#memory.buffer.byteLength +
      this.#event.buffer.byteLength +
      this.#generations.byteLength +
      this.#spent.byteLength
    );
  }

  #collect(answered: number): number {
    const words = this.#words;
    const generations = this.#generations;
    const fds = this.readyFds;
    const events = this.readyEvents;
    let count = 0;
    for (let at = 0, end = answered * EVENT_WORDS; at < end; at += EVENT_WORDS) {
      const fd = words[at + FD_WORD] as number;
      const interest = this.interests.of(fd);
      if (interest === 0 || generations[fd] !== words[at + GENERATION_WORD]) continue;
      fds[count] = fd;
      events[count++] = readinessOf(words[at] as number, interest);
    }
    this.fdsExamined = answered;
    return count;
  }

  #control(operation: number, fd: number, interest: Interest): number {
    this.#eventWords[0] = eventsOf(interest) | this.#triggerBit;
    this.#eventWords[FD_WORD] = fd;
    this.#eventWords[GENERATION_WORD] = this.#generations[fd] as number;
    return epollCtlCall(this.#epfd, operation, fd, this.#event.address);
  }

  /** Puts another interest in the place of the one that the instance has, or has lost. */
  #change(fd: number, interest: Interest): number {
    if (this.#isExclusive) {
      const removed = epollCtlCall(this.#epfd, EPOLL_CTL_DEL, fd, 0);
      return removed === -1 ? -1 : this.#control(EPOLL_CTL_ADD, fd, interest);
    }
    const changed = this.#control(EPOLL_CTL_MOD, fd, interest);
    if (this.#spent[fd] !== 1) return changed;
    this.#spent[fd] = 0;
    // The instance was built anew without it.
    return changed === -1 && lastErrno() === ENOENT ? this.#control(EPOLL_CTL_ADD, fd, interest) : changed;
  }

  #spend(count: number): void {
    for (let at = 0; at < count; at++) this.#spent[this.readyFds[at] as number] = 1;
  }

  #growTables(fd: number): void {
    this.#generations = grown(this.#generations, fd + 1);
    if (this.#spent.length > 0) this.#spent = grown(this.#spent, fd + 1);
  }

  /** Forgets what the kernel has just refused. */
  #refuse(fd: number): never {
    const errno = lastErrno();
    this.interests.remove(fd);
    throw new SyscallError('epoll_ctl', errno, fd);
  }

  #doubleRoom(): void {
    this.#filled = false;
    this.#room *= 2;
    this.#memory = allocate(this.#room * EPOLL_EVENT_BYTES);
    this.#words = new Int32Array(this.#memory.buffer);
    this.makeRoom(this.#room);
  }

  #rebuild(): void {
    // Closed first: at the fd limit there is no room for both.
    close(this.#epfd);
    this.#epfd = -1;
    this.#epfd = createEpoll();
    for (const [fd, interest] of this.interests) {
      // One that was reported once is reported no more until modify, which adds it then.
      if (this.#spent[fd] === 1) continue;
      if (this.#control(EPOLL_CTL_ADD, fd, interest) !== -1) continue;
      const errno = lastErrno();
      // Closed without unregister: epoll would have dropped it silently.
      if (errno !== EBADF && errno !== EPERM) throw new SyscallError('epoll_ctl', errno, fd);
    }
  }
}

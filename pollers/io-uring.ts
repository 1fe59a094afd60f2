import { grown } from './interests.js';
import { SyscallError } from './libc/call.js';
import { monotonicNs } from './libc/linux/clock.js';
import {
  CQE_BYTES,
  CQE_WORDS,
  createRing,
  IORING_OP_NOP,
  IORING_OP_POLL_ADD,
  IORING_OP_POLL_REMOVE,
  MOST_ENTRIES,
  type Ring,
  type RingAge,
  SQE_BYTES,
  SQE_WORDS,
} from './libc/linux/io-uring.js';
import { allocate, type Memory } from './libc/memory.js';
import { POLLNVAL } from './libc/polling.js';
import type { Interest, NativeWait } from './poller.js';
import { eventsOf, readinessOf } from './readiness.js';
import { TablePoller } from './table.js';
import { wholeMilliseconds } from './timeout.js';

/** Submissions at first; the rings double when there are more fds than that. */
const FIRST_ENTRIES = 256;
/** Words of a submission and of a completion. */
const SQE = { operation: 0, fd: 1, target: 4, events: 7, userFd: 8, userGeneration: 9 } as const;
const CQE = { userFd: 0, userGeneration: 1, result: 2 } as const;
/** In the place of the fd, where nobody waits for the answer. */
const NOBODY = -1;

export interface IoUringOptions {
  /** Completions taken at most per wait. */
  readonly room?: number;
  /** For tests. */
  readonly age?: RingAge;
}

/**
 * io_uring(7): each registration is a poll request in the kernel. What is asked of it rides with the next wait, in its one
 * system call; only the end of a request that the kernel holds has one of its own.
 *
 * A request answers once, and what was reported is asked about again with the next wait, which answers at once where it is
 * still so: level semantics, exactly. Multishot requests, which stay, were measured against it (Linux 6.18, 1 000 unix
 * sockets, a cycle of write, turn and read; in C; epoll takes 1.48, 13.4 and 126 us with 1, 10 and 100 ready): they say when
 * something arrives and not whether it is still there, and IORING_POLL_ADD_LEVEL is EINVAL, so that what was reported has to
 * be asked about all the same. Asked by updating the request, a cycle takes 1.73, 12.8 and 139 us; asked with poll(2) before,
 * in a second system call, 1.46, 11.6 and 123 us; with requests that answer once, 1.46, 12.3 and 133 us. The second call
 * would save 7 % from 10 ready fds on, none with one, and answer standing readiness without io_uring: not what is measured.
 *
 * A request holds its file: one that is closed before it is unregistered lives on until then.
 */
export class IoUringPoller extends TablePoller {
  readonly native: NativeWait = {
    call: () => ({
      call: 'io_uring',
      ring: this.#ring.fd,
      ...this.#ring.addresses,
      sqMask: this.#ring.sqMask,
      cqMask: this.#ring.cqMask,
      room: this.#room,
      generations: this.#generations.address,
      setup: this.#ring.setup,
    }),
    collect: (answered) => this.#collect(answered),
    sharedBytes: () => this.size * (SQE_BYTES + CQE_BYTES),
  };

  readonly #age: RingAge;
  readonly #mostRoom: number;
  /** A ring takes no more at once, and need not: what is watched may be more. */
  #mostEntries = MOST_ENTRIES;
  #ring: Ring;
  #room: number;
  #generations: Memory = allocate(64 * 4);
  /** By fd; a registration's ends when it is modified or unregistered. In memory that C can read. */
  #generationOf = new Int32Array(this.#generations.buffer);
  /** By fd: where its request stands, or stood, among all submissions. */
  #askedAt = new Int32Array(64);
  /** Whether completions may come that are nobody's. */
  #hasRemoved = false;

  constructor({ room = Number.POSITIVE_INFINITY, age = 'newest' }: IoUringOptions = {}) {
    super('io_uring', {
      maxFd: 2 ** 31 - 1,
      trigger: 'level',
      reportsErrors: true,
      watchesRegularFiles: true,
      blocks: true,
      refusesAtRegister: false,
      ownsFd: true,
      registersBySyscall: true,
      scansAll: false,
    });
    this.#age = age;
    this.#mostRoom = room;
    this.#ring = createRing(FIRST_ENTRIES, age);
    this.#room = Math.min(FIRST_ENTRIES, room);
    this.makeRoom(this.#room);
  }

  register(fd: number, interest: Interest): void {
    this.interests.add(fd, interest);
    if (fd >= this.#askedAt.length) this.#growTables(fd);
    this.#generationOf[fd] = ((this.#generationOf[fd] as number) + 1) | 0;
    if (this.size <= this.#ring.sqMask + 1 || this.size > this.#mostEntries || !this.#growRing())
      this.#ask(fd, interest);
  }

  modify(fd: number, interest: Interest): void {
    this.interests.replace(fd, interest);
    if (!this.#takeBack(fd)) this.#remove(fd);
    this.#ask(fd, interest);
  }

  unregister(fd: number): void {
    this.interests.remove(fd);
    if (this.#takeBack(fd)) return;
    this.#remove(fd);
    // At once, or the kernel would hold the file when it is closed next: a port would stay taken, a peer hear nothing.
    this.#ring.enter(0, 0);
  }

  wait(timeoutMs: number | null): number {
    this.interests.assertOpen();
    let leftMs = wholeMilliseconds(timeoutMs);
    const deadlineNs = this.#hasRemoved && leftMs > 0 ? monotonicNs() + leftMs * 1e6 : 0;
    for (;;) {
      const answered = this.#answer(leftMs);
      const count = this.#collect(answered);
      if (count > 0) this.#askAgain(count);
      if (count > 0 || answered === 0) {
        if (answered < this.#room) this.#hasRemoved = false;
        return count;
      }
      // All of it was nobody's.
      if (leftMs > 0) leftMs = Math.max(0, Math.ceil((deadlineNs - monotonicNs()) / 1e6));
    }
  }

  override close(): void {
    if (!this.interests.isOpen) return;
    super.close();
    this.#ring.close();
  }

  protected override ownBytes(): number {
    return this.#ring.bytes + this.#generations.buffer.byteLength + this.#askedAt.byteLength;
  }

  /** Hands over what was asked, waits, and takes completions; returns how many. */
  #answer(timeoutMs: number): number {
    const ring = this.#ring;
    ring.enter(timeoutMs === 0 ? 0 : 1, timeoutMs);
    if (ring.hasUnseen) ring.bringUnseen(this.#room);
    const answered = Math.min(ring.completed, this.#room);
    if (answered === 0) return 0;
    const { words, at } = ring;
    words[at.cqHead] = (words[at.cqHead] as number) + answered;
    return answered;
  }

  /** What was taken last stays in the ring until the kernel is called again. */
  #collect(answered: number): number {
    const { cqes, cqMask, words, at } = this.#ring;
    const generationOf = this.#generationOf;
    const fds = this.readyFds;
    const events = this.readyEvents;
    const end = words[at.cqHead] as number;
    let count = 0;
    for (let slot = (end - answered) | 0; slot !== end; slot = (slot + 1) | 0) {
      const entry = (slot & cqMask) * CQE_WORDS;
      const fd = cqes[entry + CQE.userFd] as number;
      if (fd === NOBODY || generationOf[fd] !== cqes[entry + CQE.userGeneration]) continue;
      const result = cqes[entry + CQE.result] as number;
      fds[count] = fd;
      // A refusal is EBADF: the fd was closed before it was asked about.
      events[count++] = readinessOf(result < 0 ? POLLNVAL : result, this.interests.of(fd));
    }
    this.fdsExamined = answered;
    return count;
  }

  #ask(fd: number, interest: Interest): void {
    const tail = this.#tailWithRoomFor(1);
    this.#write(tail, fd, interest);
    this.#push(tail + 1);
  }

  /** About everything that was reported, as it is then. */
  #askAgain(count: number): void {
    const fds = this.readyFds;
    const tail = this.#tailWithRoomFor(count);
    for (let at = 0; at < count; at++) {
      const fd = fds[at] as number;
      this.#write(tail + at, fd, this.interests.of(fd) as Interest);
    }
    this.#push(tail + count);
  }

  #write(tail: number, fd: number, interest: Interest): void {
    const { sqes, sqMask } = this.#ring;
    const slot = (tail & sqMask) * SQE_WORDS;
    sqes[slot + SQE.operation] = IORING_OP_POLL_ADD;
    sqes[slot + SQE.fd] = fd;
    sqes[slot + SQE.target] = 0;
    sqes[slot + SQE.target + 1] = 0;
    sqes[slot + SQE.events] = eventsOf(interest);
    sqes[slot + SQE.userFd] = fd;
    sqes[slot + SQE.userGeneration] = this.#generationOf[fd] as number;
    this.#askedAt[fd] = tail;
  }

  /** Ends the present generation; its request, too, where the kernel has not seen it yet. Returns whether it was so. */
  #takeBack(fd: number): boolean {
    const generation = this.#generationOf[fd] as number;
    const { sqes, sqMask, words, at, quiet } = this.#ring;
    const askedAt = this.#askedAt[fd] as number;
    const slot = (askedAt & sqMask) * SQE_WORDS;
    if (
      ((askedAt - (words[at.sqHead] as number)) | 0) < 0 ||
      sqes[slot + SQE.userFd] !== fd ||
      sqes[slot + SQE.userGeneration] !== generation
    )
      return false;
    this.#generationOf[fd] = (generation + 1) | 0;
    sqes[slot + SQE.operation] = IORING_OP_NOP | (quiet << 8);
    sqes[slot + SQE.userFd] = NOBODY;
    if (quiet === 0) this.#hasRemoved = true;
    return true;
  }

  /** Ends the present generation, and its request, wherever that is. */
  #remove(fd: number): void {
    const generation = this.#generationOf[fd] as number;
    const tail = this.#tailWithRoomFor(1);
    const { sqes, sqMask, quiet } = this.#ring;
    const slot = (tail & sqMask) * SQE_WORDS;
    sqes[slot + SQE.operation] = IORING_OP_POLL_REMOVE | (quiet << 8);
    sqes[slot + SQE.fd] = NOBODY;
    sqes[slot + SQE.target] = fd;
    sqes[slot + SQE.target + 1] = generation;
    sqes[slot + SQE.events] = 0;
    sqes[slot + SQE.userFd] = NOBODY;
    sqes[slot + SQE.userGeneration] = 0;
    this.#push(tail + 1);
    this.#generationOf[fd] = (generation + 1) | 0;
    this.#hasRemoved = true;
  }

  /** Where the next submission stands. There, every word is written each time that is ever another than 0. */
  #tailWithRoomFor(count: number): number {
    const ring = this.#ring;
    if (ring.waiting + count > ring.sqMask + 1) ring.submit();
    return ring.words[ring.at.sqTail] as number;
  }

  #push(tail: number): void {
    this.#ring.words[this.#ring.at.sqTail] = tail;
  }

  #growTables(fd: number): void {
    this.#askedAt = grown(this.#askedAt, fd + 1);
    const larger = grown(this.#generationOf, fd + 1);
    this.#generations = allocate(larger.byteLength);
    this.#generationOf = new Int32Array(this.#generations.buffer);
    this.#generationOf.set(larger);
  }

  /** A ring of twice the size, and everything asked anew; false where there is no memory for one. */
  #growRing(): boolean {
    const entries = (this.#ring.sqMask + 1) * 2;
    const larger = this.#madeBeside(entries);
    if (larger === null) {
      this.#mostEntries = entries / 2;
      return false;
    }
    this.#ring = larger;
    this.#room = Math.min(entries, this.#mostRoom);
    this.makeRoom(this.#room);
    for (const [watched, interest] of this.interests) this.#ask(watched, interest);
    return true;
  }

  /** Another ring instead of the present one, which stays until it is there, because its memory is given back some time later. */
  #madeBeside(entries: number): Ring | null {
    try {
      const ring = createRing(entries, this.#age);
      this.#ring.close();
      return ring;
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      if (error.code === 'ENOMEM') return null;
      if (error.code !== 'EMFILE') throw error;
      // At the fd limit there is no room for both.
      this.#ring.close();
      return createRing(entries, this.#age);
    }
  }
}

import { grown } from './interests.js';
import { POLLFD_BYTES } from './libc/layout.js';
import { allocate, type Memory } from './libc/memory.js';
import type { Interest, NativeWait } from './poller.js';
import { eventsOf, readinessOf } from './readiness.js';
import { TablePoller } from './table.js';
import { wholeMilliseconds } from './timeout.js';

/**
 * What poll(2) and its relatives keep: a dense array of pollfds, and for each fd its slot; removal moves the last slot
 * into the gap. How the kernel is asked about the array is up to the poller.
 */
export abstract class PollfdPoller extends TablePoller {
  readonly native: NativeWait;
  #slotOf = new Int32Array(64);
  #memory: Memory = allocate(64 * POLLFD_BYTES);
  /** Two words a slot: the fd, then events (low half) and revents (high half). */
  #words = new Int32Array(this.#memory.buffer);
  /** The same memory for the walk, which looks at revents alone. */
  #halves = new Uint16Array(this.#memory.buffer);

  constructor(name: string, { blocks, call }: { blocks: boolean; call: 'poll' | 'poll-each' }) {
    super(name, {
      maxFd: 2 ** 31 - 1,
      trigger: 'level',
      reportsErrors: true,
      watchesRegularFiles: true,
      blocks,
      refusesAtRegister: false,
      ownsFd: false,
      registersBySyscall: false,
      scansAll: true,
    });
    this.native = {
      call: () => ({ call, pollfds: this.#memory.address, count: this.size }),
      collect: (answered) => this.#collect(answered),
      sharedBytes: () => this.size * POLLFD_BYTES,
    };
  }

  /** Has `revents` filled in; returns how many fds have any, or -1 with errno. The timeout is -1, 0 or more ms. */
  protected abstract ask(pollfds: number, count: number, timeoutMs: number): number;

  register(fd: number, interest: Interest): void {
    const slot = this.interests.size;
    this.interests.add(fd, interest);
    if (fd >= this.#slotOf.length) this.#slotOf = grown(this.#slotOf, fd + 1);
    if (slot * 2 >= this.#words.length) this.#grow();
    this.#words[slot * 2] = fd;
    this.#words[slot * 2 + 1] = eventsOf(interest);
    this.#slotOf[fd] = slot;
  }

  modify(fd: number, interest: Interest): void {
    this.interests.replace(fd, interest);
    this.#words[(this.#slotOf[fd] as number) * 2 + 1] = eventsOf(interest);
  }

  unregister(fd: number): void {
    this.interests.remove(fd);
    const slot = this.#slotOf[fd] as number;
    const last = this.interests.size;
    const moved = this.#words[last * 2] as number;
    this.#words[slot * 2] = moved;
    this.#words[slot * 2 + 1] = this.#words[last * 2 + 1] as number;
    this.#slotOf[moved] = slot;
  }

  wait(timeoutMs: number | null): number {
    this.interests.assertOpen();
    this.makeRoomForAll();
    const answered = this.ask(this.#memory.address, this.interests.size, wholeMilliseconds(timeoutMs));
    return this.#collect(answered === -1 ? this.settle('poll', this.#askAtOnce) : answered);
  }

  protected override ownBytes(): number {
    return this.#memory.buffer.byteLength + this.#slotOf.byteLength;
  }

  readonly #askAtOnce = (): number => this.ask(this.#memory.address, this.interests.size, 0);

  #collect(answered: number): number {
    const words = this.#words;
    const fds = this.readyFds;
    const events = this.readyEvents;
    let count = 0;
    let slot = 0;
    while (count < answered) {
      slot = this.#nextAnswered(slot);
      const both = words[slot * 2 + 1] as number;
      fds[count] = words[slot * 2] as number;
      // POLLIN is READ, POLLOUT is twice WRITE.
      events[count++] = readinessOf(both >> 16, (both & 1) | ((both >> 1) & 2));
      slot++;
    }
    this.fdsExamined = slot;
    return count;
  }

  /** The first slot from this one on that has revents; there must be one. Four at a time take half as long as one by one. */
  #nextAnswered(from: number): number {
    const halves = this.#halves;
    let at = from * 4 + 3;
    const last = halves.length - 16;
    while (at < last) {
      const any =
        (halves[at] as number) |
        (halves[at + 4] as number) |
        (halves[at + 8] as number) |
        (halves[at + 12] as number);
      if (any !== 0) break;
      at += 16;
    }
    while (halves[at] === 0) at += 4;
    return at >> 2;
  }

  #grow(): void {
    const words = this.#words;
    this.#memory = allocate(words.byteLength * 2);
    this.#words = new Int32Array(this.#memory.buffer);
    this.#halves = new Uint16Array(this.#memory.buffer);
    this.#words.set(words);
  }
}

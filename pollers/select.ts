import { FdSets, WANTED_WORD } from './fd-sets.js';
import { EBADF } from './libc/call.js';
import { isOpen } from './libc/descriptors.js';
import { FD_SET_WORD_BITS } from './libc/layout.js';
import { FD_SETSIZE, selectCall } from './libc/polling.js';
import { ERROR, type Interest, type NativeCall, type NativeWait, READ, WRITE } from './poller.js';
import { TablePoller } from './table.js';
import { wholeMilliseconds } from './timeout.js';

/** select(2). A set that nobody waits on is NULL, which is cheaper than an empty one. */
export class SelectPoller extends TablePoller {
  readonly native: NativeWait = {
    call: () => this.#nativeCall(),
    collect: (answered) => this.#collect(0, answered),
    sharedBytes: () =>
      this.#usedWords() * 4 * (Number(this.#sets.readers > 0) + Number(this.#sets.writers > 0)),
  };
  readonly #sets = new FdSets();
  #highest = -1;

  constructor({ wide = false }: { wide?: boolean } = {}) {
    super(wide ? 'select-wide' : 'select', {
      maxFd: wide ? 2 ** 31 - 1 : FD_SETSIZE - 1,
      trigger: 'level',
      reportsErrors: false,
      watchesRegularFiles: true,
      blocks: true,
      refusesAtRegister: false,
      ownsFd: false,
      registersBySyscall: false,
      scansAll: true,
    });
  }

  register(fd: number, interest: Interest): void {
    this.interests.add(fd, interest);
    this.#sets.set(fd, interest);
    if (fd > this.#highest) this.#highest = fd;
  }

  modify(fd: number, interest: Interest): void {
    this.#sets.clear(fd, this.interests.replace(fd, interest));
    this.#sets.set(fd, interest);
  }

  unregister(fd: number): void {
    this.#sets.clear(fd, this.interests.remove(fd));
    while (this.#highest >= 0 && this.interests.of(this.#highest) === 0) this.#highest--;
  }

  wait(timeoutMs: number | null): number {
    this.interests.assertOpen();
    this.makeRoomForAll();
    const answered = this.#call(wholeMilliseconds(timeoutMs));
    return answered === -1 ? this.#settle() : this.#collect(0, answered);
  }

  protected override ownBytes(): number {
    return this.#sets.memory.buffer.byteLength;
  }

  #call(timeoutMs: number): number {
    const sets = this.#sets;
    sets.ask(this.#usedWords());
    return selectCall(this.#highest + 1, sets.readGot, sets.writeGot, 0, sets.timeval(timeoutMs));
  }

  /** Appends to the ready set from slot `count` on, until as many bits were seen as the kernel says it set. */
  #collect(count: number, bits: number): number {
    if (bits === 0) {
      this.fdsExamined = 0;
      return count;
    }
    const sets = this.#sets;
    const words = sets.words;
    const fds = this.readyFds;
    const events = this.readyEvents;
    const read = sets.gotWord;
    const write = read + sets.bytes / 4;
    const readers = sets.readers > 0;
    const writers = sets.writers > 0;
    let ready = count;
    let left = bits;
    let word = 0;
    for (; left > 0; word++) {
      const readable = readers ? (words[read + word] as number) : 0;
      const writable = writers ? (words[write + word] as number) : 0;
      for (let both = readable | writable; both !== 0; both &= both - 1) {
        const bit = both & -both;
        const readiness = (readable & bit ? READ : 0) | (writable & bit ? WRITE : 0);
        left -= readiness === (READ | WRITE) ? 2 : 1;
        fds[ready] = word * 32 + 31 - Math.clz32(bit);
        events[ready++] = readiness;
      }
    }
    this.fdsExamined = word;
    return ready;
  }

  #settle(): number {
    const answered = this.settle('select', () => this.#call(0), { expected: EBADF });
    return answered === -EBADF ? this.#dropClosed() : this.#collect(0, answered);
  }

  /** One closed fd fails the whole call and is not named: ask each, drop the bad ones, then serve the others. */
  #dropClosed(): number {
    this.fdsExamined = 0;
    let count = 0;
    for (const [fd] of this.interests) {
      if (isOpen(fd)) continue;
      this.unregister(fd);
      this.readyFds[count] = fd;
      this.readyEvents[count++] = ERROR;
    }
    const answered = this.#call(0);
    return answered > 0 ? this.#collect(count, answered) : count;
  }

  /** 32-bit words that the kernel reads and writes in each set: it deals in longs. */
  #usedWords(): number {
    return Math.ceil((this.#highest + 1) / FD_SET_WORD_BITS) * 2;
  }

  #nativeCall(): NativeCall {
    const { memory, bytes, readGot, writeGot, readers, writers } = this.#sets;
    const wanted = memory.address + WANTED_WORD * 4;
    return {
      call: 'select',
      nfds: this.#highest + 1,
      bytes: this.#usedWords() * 4,
      readWanted: readers ? wanted : 0,
      writeWanted: writers ? wanted + bytes : 0,
      readGot,
      writeGot,
    };
  }
}

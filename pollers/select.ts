import { Interests } from './interests.js';
import { EBADF, EINTR, lastErrno, SyscallError } from './libc/call.js';
import { isOpen } from './libc/linux/files.js';
import { FD_SET_WORD_BITS, TIMEVAL_BYTES } from './libc/linux/layout.js';
import { FD_SETSIZE, selectCall } from './libc/linux/polling.js';
import { allocate, type Memory } from './libc/memory.js';
import {
  type Capabilities,
  ERROR,
  type Interest,
  type NativeCall,
  type NativeWait,
  type Poller,
  READ,
  WRITE,
} from './poller.js';
import { wholeMilliseconds } from './timeout.js';

const LONG_BYTES = FD_SET_WORD_BITS / 8;

/**
 * select(2). The kernel overwrites the bitmaps with its answer and the timeval with what is left of it, so both are
 * written anew for each wait. Memory: [timeval][read wanted][write wanted][read got][write got], bitmaps of equal length.
 */
export class SelectPoller implements Poller {
  readonly name: 'select' | 'select-wide';
  readonly capabilities: Capabilities;
  readyFds = new Int32Array(64);
  readyEvents = new Uint8Array(64);
  fdsExamined = 0;
  readonly native: NativeWait = {
    call: () => this.#nativeCall(),
    collect: (answered) => this.#collectFrom(0, answered),
    sharedBytes: () => this.#usedWords() * 4 * (Number(this.#readers > 0) + Number(this.#writers > 0)),
  };

  readonly #interests: Interests;
  #readers = 0;
  #writers = 0;
  #highest = -1;
  #bitmapBytes = FD_SETSIZE / 8;
  #memory: Memory = allocate(TIMEVAL_BYTES + 4 * this.#bitmapBytes);
  #words = new Int32Array(this.#memory.buffer);

  constructor({ wide = false }: { wide?: boolean } = {}) {
    this.name = wide ? 'select-wide' : 'select';
    this.capabilities = {
      maxFd: wide ? 2 ** 31 - 1 : FD_SETSIZE - 1,
      trigger: 'level',
      reportsErrors: false,
      watchesRegularFiles: true,
      blocks: true,
      refusesAtRegister: false,
      ownsFd: false,
      registersBySyscall: false,
      scansAll: true,
    };
    this.#interests = new Interests(this.name, this.capabilities.maxFd);
  }

  get size(): number {
    return this.#interests.size;
  }

  register(fd: number, interest: Interest): void {
    this.#interests.add(fd, interest);
    if (fd >= this.#bitmapBytes * 8) this.#grow(fd);
    this.#set(fd, interest);
    if (fd > this.#highest) this.#highest = fd;
  }

  modify(fd: number, interest: Interest): void {
    this.#clear(fd, this.#interests.replace(fd, interest));
    this.#set(fd, interest);
  }

  unregister(fd: number): void {
    this.#clear(fd, this.#interests.remove(fd));
    while (this.#highest >= 0 && this.#interests.of(this.#highest) === 0) this.#highest--;
  }

  interestOf(fd: number): Interest | 0 {
    return this.#interests.of(fd);
  }

  wait(timeoutMs: number | null): number {
    this.#interests.assertOpen();
    const size = this.#interests.size;
    if (size > this.readyFds.length) {
      this.readyFds = new Int32Array(size * 2);
      this.readyEvents = new Uint8Array(size * 2);
    }
    const answered = this.#call(wholeMilliseconds(timeoutMs));
    if (answered !== -1) return this.#collectFrom(0, answered);
    const errno = lastErrno();
    this.fdsExamined = 0;
    if (errno === EBADF) return this.#dropClosed();
    if (errno !== EINTR) throw new SyscallError('select', errno, undefined);
    return 0;
  }

  #nativeCall(): NativeCall {
    const [readWanted, writeWanted, readGot, writeGot] = this.#addresses();
    return {
      call: 'select',
      nfds: this.#highest + 1,
      bytes: this.#usedWords() * 4,
      readWanted: this.#readers ? readWanted : 0,
      writeWanted: this.#writers ? writeWanted : 0,
      readGot: this.#readers ? readGot : 0,
      writeGot: this.#writers ? writeGot : 0,
    };
  }

  userBytes(): number {
    return (
      this.#memory.buffer.byteLength +
      this.#interests.bytes +
      this.readyFds.byteLength +
      this.readyEvents.byteLength
    );
  }

  close(): void {
    this.#interests.close();
  }

  /** Asks the kernel. A set that nobody waits on is NULL, which is cheaper than an empty one. */
  #call(timeoutMs: number): number {
    const words = this.#words;
    const got = this.#gotWord();
    const used = this.#usedWords();
    const wanted = TIMEVAL_BYTES / 4;
    const set = this.#bitmapBytes / 4;
    if (this.#readers) copy(words, wanted, got, used);
    if (this.#writers) copy(words, wanted + set, got + set, used);
    let timeval = 0;
    if (timeoutMs >= 0) {
      timeval = this.#memory.address;
      const seconds = (timeoutMs / 1000) | 0;
      words[0] = seconds;
      words[1] = 0;
      words[2] = (timeoutMs - seconds * 1000) * 1000;
      words[3] = 0;
    }
    const readGot = this.#memory.address + got * 4;
    return selectCall(
      this.#highest + 1,
      this.#readers ? readGot : 0,
      this.#writers ? readGot + this.#bitmapBytes : 0,
      0,
      timeval,
    );
  }

  /** Appends to the ready set from slot `count` on, until as many bits were seen as the kernel says it set. */
  #collectFrom(count: number, bits: number): number {
    const words = this.#words;
    const fds = this.readyFds;
    const events = this.readyEvents;
    const read = this.#gotWord();
    const write = read + this.#bitmapBytes / 4;
    const readers = this.#readers > 0;
    const writers = this.#writers > 0;
    let left = bits;
    let word = 0;
    for (; left > 0; word++) {
      const readable = readers ? (words[read + word] as number) : 0;
      const writable = writers ? (words[write + word] as number) : 0;
      for (let both = readable | writable; both !== 0; both &= both - 1) {
        const bit = both & -both;
        const readiness = (readable & bit ? READ : 0) | (writable & bit ? WRITE : 0);
        left -= readiness === (READ | WRITE) ? 2 : 1;
        fds[count] = word * 32 + 31 - Math.clz32(bit);
        events[count++] = readiness;
      }
    }
    this.fdsExamined = word;
    return count;
  }

  /** One closed fd fails the whole call and is not named: ask each, drop the bad ones, then serve the others. */
  #dropClosed(): number {
    let count = 0;
    for (const [fd] of this.#interests) {
      if (isOpen(fd)) continue;
      this.unregister(fd);
      this.readyFds[count] = fd;
      this.readyEvents[count++] = ERROR;
    }
    const answered = this.#call(0);
    return answered > 0 ? this.#collectFrom(count, answered) : count;
  }

  #set(fd: number, interest: Interest): void {
    const word = TIMEVAL_BYTES / 4 + (fd >>> 5);
    const bit = 1 << (fd & 31);
    if (interest & READ) {
      this.#words[word] = (this.#words[word] as number) | bit;
      this.#readers++;
    }
    if (interest & WRITE) {
      const at = word + this.#bitmapBytes / 4;
      this.#words[at] = (this.#words[at] as number) | bit;
      this.#writers++;
    }
  }

  #clear(fd: number, interest: Interest): void {
    const word = TIMEVAL_BYTES / 4 + (fd >>> 5);
    const others = ~(1 << (fd & 31));
    if (interest & READ) {
      this.#words[word] = (this.#words[word] as number) & others;
      this.#readers--;
    }
    if (interest & WRITE) {
      const at = word + this.#bitmapBytes / 4;
      this.#words[at] = (this.#words[at] as number) & others;
      this.#writers--;
    }
  }

  /** 32-bit words that the kernel reads and writes in each set: it deals in longs. */
  #usedWords(): number {
    return Math.ceil((this.#highest + 1) / FD_SET_WORD_BITS) * 2;
  }

  #gotWord(): number {
    return TIMEVAL_BYTES / 4 + this.#bitmapBytes / 2;
  }

  #addresses(): [number, number, number, number] {
    const first = this.#memory.address + TIMEVAL_BYTES;
    const set = this.#bitmapBytes;
    return [first, first + set, first + 2 * set, first + 3 * set];
  }

  #grow(fd: number): void {
    const before = this.#words;
    const set = this.#bitmapBytes / 4;
    const wanted = TIMEVAL_BYTES / 4;
    this.#bitmapBytes = Math.max(this.#bitmapBytes * 2, Math.ceil((fd + 1) / FD_SET_WORD_BITS) * LONG_BYTES);
    this.#memory = allocate(TIMEVAL_BYTES + 4 * this.#bitmapBytes);
    this.#words = new Int32Array(this.#memory.buffer);
    this.#words.set(before.subarray(wanted, wanted + set), wanted);
    this.#words.set(before.subarray(wanted + set, wanted + 2 * set), wanted + this.#bitmapBytes / 4);
  }
}

/** A call of copyWithin costs as much as eight words. */
function copy(words: Int32Array, from: number, to: number, count: number): void {
  if (count > 8) words.copyWithin(to, from, from + count);
  else for (let word = 0; word < count; word++) words[to + word] = words[from + word] as number;
}

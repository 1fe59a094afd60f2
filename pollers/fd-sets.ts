import { FD_SET_WORD_BITS, TIMEVAL_BYTES } from './libc/layout.js';
import { allocate, type Memory } from './libc/memory.js';
import { FD_SETSIZE } from './libc/polling.js';
import { type Interest, READ, WRITE } from './poller.js';

const LONG_BYTES = FD_SET_WORD_BITS / 8;
/** The first word behind the timeval: where the read set that is wanted begins. */
export const WANTED_WORD = TIMEVAL_BYTES / 4;

/**
 * The memory of a select(2): [timeval][read wanted][write wanted][read got][write got], bitmaps of equal length. The kernel
 * overwrites the bitmaps with its answer and the timeval with what is left of it, so both are written anew for each wait.
 */
export class FdSets {
  memory: Memory;
  words: Int32Array;
  /** Of one bitmap. */
  bytes = FD_SETSIZE / 8;
  /** How many fds are in the sets that are wanted. */
  readers = 0;
  writers = 0;
  /** Where the answers will be, 0 for a set that nobody waits on: kept, so that a wait looks in one place for all that it passes on. */
  readGot = 0;
  writeGot = 0;
  /** The word at which the answer begins. */
  gotWord = 0;

  constructor() {
    this.memory = allocate(TIMEVAL_BYTES + 4 * this.bytes);
    this.words = new Int32Array(this.memory.buffer);
    this.#place();
  }

  set(fd: number, interest: Interest): void {
    if (fd >= this.bytes * 8) this.#grow(fd);
    const word = WANTED_WORD + (fd >>> 5);
    const bit = 1 << (fd & 31);
    if (interest & READ) {
      this.words[word] = (this.words[word] as number) | bit;
      if (this.readers++ === 0) this.#place();
    }
    if (interest & WRITE) {
      const at = word + this.bytes / 4;
      this.words[at] = (this.words[at] as number) | bit;
      if (this.writers++ === 0) this.#place();
    }
  }

  clear(fd: number, interest: Interest): void {
    const word = WANTED_WORD + (fd >>> 5);
    const others = ~(1 << (fd & 31));
    if (interest & READ) {
      this.words[word] = (this.words[word] as number) & others;
      if (--this.readers === 0) this.#place();
    }
    if (interest & WRITE) {
      const at = word + this.bytes / 4;
      this.words[at] = (this.words[at] as number) & others;
      if (--this.writers === 0) this.#place();
    }
  }

  /** Copies `used` words of what is wanted to where the answer will be. A set that nobody waits on is left out. */
  ask(used: number): void {
    const { words, gotWord } = this;
    const set = this.bytes / 4;
    if (this.readers) copy(words, WANTED_WORD, gotWord, used);
    if (this.writers) copy(words, WANTED_WORD + set, gotWord + set, used);
  }

  /** Writes the timeval and returns its address, 0 for a wait without end. */
  timeval(timeoutMs: number): number {
    if (timeoutMs < 0) return 0;
    const { words } = this;
    const seconds = (timeoutMs / 1000) | 0;
    words[0] = seconds;
    words[1] = 0;
    words[2] = (timeoutMs - seconds * 1000) * 1000;
    words[3] = 0;
    return this.memory.address;
  }

  #place(): void {
    this.gotWord = WANTED_WORD + this.bytes / 2;
    const read = this.memory.address + this.gotWord * 4;
    this.readGot = this.readers ? read : 0;
    this.writeGot = this.writers ? read + this.bytes : 0;
  }

  #grow(fd: number): void {
    const before = this.words;
    const set = this.bytes / 4;
    this.bytes = Math.max(this.bytes * 2, Math.ceil((fd + 1) / FD_SET_WORD_BITS) * LONG_BYTES);
    this.memory = allocate(TIMEVAL_BYTES + 4 * this.bytes);
    this.words = new Int32Array(this.memory.buffer);
    this.words.set(before.subarray(WANTED_WORD, WANTED_WORD + set), WANTED_WORD);
    this.words.set(before.subarray(WANTED_WORD + set, WANTED_WORD + 2 * set), WANTED_WORD + this.bytes / 4);
    this.#place();
  }
}

/** From here on a call of copyWithin is cheaper: behind a wait on many fds its code is in no near cache, and costs as much as these. */
const MANY_WORDS = 64;

function copy(words: Int32Array, from: number, to: number, count: number): void {
  if (count > MANY_WORDS) words.copyWithin(to, from, from + count);
  else for (let word = 0; word < count; word++) words[to + word] = words[from + word] as number;
}

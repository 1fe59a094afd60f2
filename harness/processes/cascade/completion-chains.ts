import { monotonicNs, threadCpuNs } from '../../../pollers/libc/linux/clock.js';
import {
  CQE_WORDS,
  createRing,
  IORING_OP_RECV,
  IORING_OP_SEND,
  type Ring,
  SQE_WORDS,
} from '../../../pollers/libc/linux/io-uring.js';
import { send } from '../../../pollers/libc/linux/sockets.js';
import { allocate } from '../../../pollers/libc/memory.js';
import type { Pool } from '../batch/pool.js';
import type { ChainConditions, ChainMaker, ChainsMade } from './protocol.js';

/** Words of a submission and of a completion. */
const SQE = { operation: 0, fd: 1, address: 4, bytes: 6, userPair: 8, userKind: 9 } as const;
const CQE = { userPair: 0, userKind: 1, result: 2 } as const;
const READING = 0;
const WRITING = 1;
/** A whole array is no more than a ring of this many entries. */
const LEAST_ENTRIES = 64;

/**
 * The same chains without readiness: each pair has a read in the kernel, and whoever gets a byte asks for a write to the next
 * pair and for its own next read; both ride in the system call that waits for what is completed. No loop, no table of handlers:
 * what a program that is made for completion does.
 */
export class CompletionChains implements ChainMaker {
  readonly #conditions: ChainConditions;
  readonly #ring: Ring;
  readonly #fds: readonly number[];
  readonly #peers: readonly number[];
  readonly #starts: readonly number[];
  /** A byte for each pair to read into, and one that all send. */
  readonly #memory;
  readonly #outgoing: number;
  #writesLeft = 0;
  #unread = 0;
  #unwritten = 0;
  #syscalls = 0;
  #turns = 0;

  constructor(pool: Pool, conditions: ChainConditions) {
    const { pairs, active } = conditions;
    this.#conditions = conditions;
    this.#fds = Array.from({ length: pairs }, (_, pair) => pool.fd(pair));
    this.#peers = Array.from({ length: pairs }, (_, pair) => pool.peer((pair + 1) % pairs));
    const space = Math.floor(pairs / active);
    this.#starts = Array.from({ length: active }, (_, at) => pool.peer(at * space));
    this.#memory = allocate(pairs + 1);
    this.#outgoing = this.#memory.address + pairs;
    this.#ring = createRing(2 ** Math.ceil(Math.log2(Math.max(LEAST_ENTRIES, 2 * pairs))));
    for (let pair = 0; pair < pairs; pair++) this.#read(pair);
    this.#enter(0);
  }

  run(count: number): ChainsMade {
    const cpuNs: number[] = [];
    const wallNs: number[] = [];
    this.#turns = 0;
    this.#syscalls = 0;
    for (let chain = 0; chain < count; chain++) {
      const { active, writes } = this.#conditions;
      this.#writesLeft = writes;
      this.#unread = active + writes;
      this.#unwritten = writes;
      for (const fd of this.#starts)
        if (send(fd, this.#outgoing, 1) !== 1) throw new Error(`fd ${fd} takes no byte`);
      const wallBefore = monotonicNs();
      const cpuBefore = threadCpuNs();
      while (this.#unread > 0 || this.#unwritten > 0) this.#turn();
      cpuNs.push(threadCpuNs() - cpuBefore);
      wallNs.push(monotonicNs() - wallBefore);
      if (this.#unread < 0) throw new Error(`${-this.#unread} bytes more were read than written`);
    }
    return { cpuNs, wallNs, turns: this.#turns, syscalls: this.#syscalls };
  }

  close(): void {
    this.#ring.close();
  }

  /** Hands over what was asked, and takes what is completed. There always is something: a byte is on its way. */
  #turn(): void {
    const { words, at, cqes, cqMask } = this.#ring;
    this.#enter(1);
    this.#turns++;
    const head = words[at.cqHead] as number;
    const end = (head + this.#ring.completed) | 0;
    for (let slot = head; slot !== end; slot = (slot + 1) | 0) {
      const entry = (slot & cqMask) * CQE_WORDS;
      const result = cqes[entry + CQE.result] as number;
      const pair = cqes[entry + CQE.userPair] as number;
      if (result !== 1) throw new Error(`pair ${pair} was answered ${result} instead of one byte`);
      if (cqes[entry + CQE.userKind] === WRITING) this.#unwritten--;
      else this.#pass(pair);
    }
    words[at.cqHead] = end;
  }

  #pass(pair: number): void {
    this.#unread--;
    if (this.#writesLeft > 0) {
      this.#writesLeft--;
      this.#ask(IORING_OP_SEND, this.#peers[pair] as number, this.#outgoing, pair, WRITING);
    }
    this.#read(pair);
  }

  #read(pair: number): void {
    this.#ask(IORING_OP_RECV, this.#fds[pair] as number, this.#memory.address + pair, pair, READING);
  }

  #ask(operation: number, fd: number, address: number, pair: number, kind: number): void {
    const { sqes, sqMask, words, at } = this.#ring;
    const tail = words[at.sqTail] as number;
    const slot = (tail & sqMask) * SQE_WORDS;
    sqes[slot + SQE.operation] = operation;
    sqes[slot + SQE.fd] = fd;
    sqes[slot + SQE.address] = address % 2 ** 32;
    sqes[slot + SQE.address + 1] = Math.floor(address / 2 ** 32);
    sqes[slot + SQE.bytes] = 1;
    sqes[slot + SQE.userPair] = pair;
    sqes[slot + SQE.userKind] = kind;
    words[at.sqTail] = tail + 1;
  }

  #enter(least: number): void {
    this.#ring.enter(least, least === 0 ? 0 : -1);
    this.#syscalls++;
    this.#syscalls += this.#ring.bringUnseen(this.#ring.cqMask + 1);
  }
}

import { monotonicNs, threadCpuNs } from '../../../pollers/libc/linux/clock.js';
import { receive, send } from '../../../pollers/libc/linux/sockets.js';
import { allocate } from '../../../pollers/libc/memory.js';
import { READ } from '../../../pollers/poller.js';
import type { IOLoop } from '../../ioloop/ioloop.js';
import type { Pool } from '../batch/pool.js';
import type { ChainConditions, ChainMaker, ChainsMade } from './protocol.js';

/** An edge trigger reports what came in between only once: a reader takes all of it, and a short answer was all. */
const EDGE_ROOM = 64;
const bytes = allocate(EDGE_ROOM);

/**
 * Chains of libevent's benchmark on a loop. One starts with a byte for each of the active pairs, which are spread
 * evenly. Whoever reads a byte passes one on to the next pair while there are writes left; the chain ends with the last
 * byte read. Its time begins after the first bytes were sent. As there, no turn blocks.
 *
 * The subject imports this file and the loop's once per poller and series, as the turn probe does with its turns.
 */
export class Chains implements ChainMaker {
  readonly #loop: IOLoop;
  readonly #conditions: ChainConditions;
  readonly #fds: number[];
  /** The fds that get the first bytes. */
  readonly #starts: number[] = [];
  /** By the fd of a pair's reading end: where the next pair is written to. */
  readonly #next: Int32Array;
  readonly #room: number;
  #writesLeft = 0;
  #unread = 0;

  /** Registers the pairs; whoever closes the loop unregisters them. */
  constructor(loop: IOLoop, pool: Pool, conditions: ChainConditions) {
    const { pairs, active } = conditions;
    this.#loop = loop;
    this.#conditions = conditions;
    this.#fds = Array.from({ length: pairs }, (_, index) => pool.fd(index));
    this.#next = new Int32Array(Math.max(...this.#fds) + 1);
    for (const [index, fd] of this.#fds.entries()) this.#next[fd] = pool.peer((index + 1) % pairs);
    const space = Math.floor(pairs / active);
    for (let index = 0; index < active; index++) this.#starts.push(pool.peer(index * space));
    this.#room = loop.capabilities.trigger === 'edge' ? EDGE_ROOM : 1;
    for (const fd of this.#fds) loop.addHandler(fd, this.#pass, READ);
  }

  /** Makes chains, one after the other; `renews` registers all pairs anew before each, outside its time. */
  run(count: number, renews = false): ChainsMade {
    const { counters } = this.#loop;
    const cpuNs: number[] = [];
    const wallNs: number[] = [];
    let turns = 0;
    let syscalls = 0;
    for (let chain = 0; chain < count; chain++) {
      if (renews) this.#registerAnew();
      this.#begin();
      const turnsBefore = counters.turns;
      const callsBefore = this.#syscalls();
      const wallBefore = monotonicNs();
      const cpuBefore = threadCpuNs();
      this.#turnUntilRead();
      cpuNs.push(threadCpuNs() - cpuBefore);
      wallNs.push(monotonicNs() - wallBefore);
      if (this.#unread < 0) throw new Error(`${-this.#unread} bytes more were read than written`);
      turns += counters.turns - turnsBefore;
      syscalls += this.#syscalls() - callsBefore + this.#conditions.writes;
    }
    return { cpuNs, wallNs, turns, syscalls };
  }

  #registerAnew(): void {
    for (const fd of this.#fds) {
      this.#loop.removeHandler(fd);
      this.#loop.addHandler(fd, this.#pass, READ);
    }
    // libevent's benchmark makes a turn in between, too.
    this.#loop.turn();
  }

  #begin(): void {
    const { active, writes } = this.#conditions;
    this.#writesLeft = writes;
    this.#unread = active + writes;
    for (const fd of this.#starts) sendByte(fd);
  }

  #turnUntilRead(): void {
    const loop = this.#loop;
    while (this.#unread > 0) loop.turn();
  }

  /** Only this differs from one object to the next: of the method V8 knows everything, and compiles it into the loop's turn. */
  readonly #pass = (fd: number): void => this.#passOn(fd);

  #passOn(fd: number): void {
    const got = receive(fd, bytes.address, this.#room);
    if (got < 1) throw new Error(`fd ${fd} was reported and had nothing to read`);
    for (let token = 0; token < got && this.#writesLeft > 0; token++) {
      this.#writesLeft--;
      sendByte(this.#next[fd] as number);
    }
    this.#unread -= got;
  }

  /**
   * Of the loop until now, without those that write: waits, of which one that asks each fd alone makes several, what a one-shot
   * poller is told of what it has reported, and a read for each event.
   */
  #syscalls(): number {
    const { capabilities, counters } = this.#loop;
    const waits = capabilities.blocks ? counters.turns : counters.fdsExamined;
    return waits + counters.syscall('modify').count + counters.events;
  }
}

function sendByte(fd: number): void {
  if (send(fd, bytes.address, 1) !== 1) throw new Error(`fd ${fd} takes no byte`);
}

export type ChainsModule = { readonly Chains: typeof Chains };

import { close, duplicateAtLeast } from '../../../pollers/libc/linux/files.js';
import { fdLimit } from '../../../pollers/libc/linux/process.js';
import { createPoller } from '../../../pollers/loaded.js';
import { type Poller, READ } from '../../../pollers/poller.js';
import { fdNumbers, Pool } from '../batch/pool.js';
import { belongToParent, type Handlers, serve } from '../control/child.js';
import { CONTROL_FD } from '../control/messages.js';
import { closeInherited, makeFileTablePrivate } from '../file-table.js';
import type { MemoryProtocol } from './protocol.js';

/**
 * The memory probe: holds connections and one poller that watches them, and goes to sleep inside its `wait` when told, so
 * that whoever reads the kernel's books sees the difference. It makes the same moves with a poller and without one.
 */
export function runMemoryProbe(): void {
  belongToParent();
  closeInherited();
  makeFileTablePrivate();
  const probe = new MemoryProbe();
  serve<MemoryProtocol>(probe.handlers, () => probe.sleepIfTold());
}

class MemoryProbe {
  readonly #numbers = fdNumbers(fdLimit().soft);
  #pool: Pool | null = null;
  #poller: Poller | null = null;
  /** The control connection under a second number: the next request ends the wait. */
  #controlCopy = -1;
  #toSleep = false;

  readonly handlers: Handlers<MemoryProtocol> = {
    open: ({ size }) => {
      this.#pool = new Pool('tcp', size, this.#numbers);
      // The first watched number belongs to the copy of the control fd.
      if (size > 0) this.#pool.move(0, this.#numbers.last);
      return { opened: size };
    },
    watch: ({ poller, watched, highestFd }) => {
      const made = createPoller(poller, { room: watched });
      this.#poller = made;
      this.#register(made, watched, highestFd);
      return { native: nativeOf(made), userBytes: made.userBytes() };
    },
    sleep: ({ inPoller }) => {
      this.#toSleep = inPoller;
      return {};
    },
    wake: () => ({}),
    unwatch: () => {
      this.#poller?.close();
      this.#poller = null;
      if (this.#controlCopy !== -1) close(this.#controlCopy);
      this.#controlCopy = -1;
      return {};
    },
  };

  sleepIfTold(): void {
    if (this.#toSleep) this.#poller?.wait(null);
    this.#toSleep = false;
  }

  /** The `watched` numbers that end at `highestFd`, the first of them a copy of the control fd. */
  #register(poller: Poller, watched: number, highestFd: number): void {
    const first = highestFd - watched + 1;
    if (first < this.#numbers.first && !poller.capabilities.refusesAtRegister) {
      // More numbers than can be sockets here. Only the poller's own books are asked for: nothing waits on them.
      for (let fd = first; fd <= highestFd; fd++) poller.register(fd, READ);
      return;
    }
    const controlCopy = duplicateAtLeast(CONTROL_FD, first);
    this.#controlCopy = controlCopy;
    if (controlCopy !== first) throw new Error(`fd ${first} is taken; ${controlCopy} was the next free one`);
    poller.register(controlCopy, READ);
    for (let fd = first + 1; fd <= highestFd; fd++) {
      if (this.#pool?.indexOf(fd) !== fd - this.#numbers.first)
        throw new RangeError(`the pool has no fd ${fd}`);
      poller.register(fd, READ);
    }
    // A registration may ride with the next wait.
    poller.wait(0);
  }
}

const nativeOf = ({ native }: Poller) =>
  native ? { call: native.call().call, sharedBytes: native.sharedBytes() } : null;

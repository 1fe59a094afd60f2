import { SyscallError } from '../../../pollers/libc/call.js';
import { read, WOULD_BLOCK } from '../../../pollers/libc/files.js';
import { allocate } from '../../../pollers/libc/memory.js';
import { PollPoller } from '../../../pollers/poll.js';
import { READ } from '../../../pollers/poller.js';
import type { IOLoop } from '../../ioloop/ioloop.js';
import { LineSplitter } from './messages.js';

const CHUNK_BYTES = 65_536;

/**
 * The fd on which a process hears from the one that started it: one JSON object per line. No signal handler and no IPC
 * message of Node would reach it while its loop runs. When the other side hangs up, or dies, the loop stops.
 */
export class ControlFd {
  readonly #fd: number;
  readonly #onMessage: (message: unknown) => void;
  readonly #chunk = allocate(CHUNK_BYTES);
  readonly #lines = new LineSplitter();
  #loop: IOLoop | undefined;
  /** Looks at it while no loop watches it. */
  #aside: PollPoller | undefined;

  /** Each message comes as a callback of its own, in order; one that is no JSON is an error of that callback. */
  constructor(fd: number, onMessage: (message: unknown) => void) {
    this.#fd = fd;
    this.#onMessage = onMessage;
  }

  /**
   * Listens while this loop runs. The fd may be of any kind, and stays blocking for those who write replies to it. An
   * unfinished line survives the change to another loop. @throws as `IOLoop.addHandler`
   */
  watch(loop: IOLoop): void {
    this.#aside?.close();
    this.#aside = undefined;
    const reads = loop.counters.syscall('read');
    loop.addHandler(
      this.#fd,
      () => {
        reads.count++;
        this.#receive(loop);
      },
      READ,
    );
    this.#loop = loop;
  }

  unwatch(): void {
    this.#loop?.removeHandler(this.#fd);
    this.#loop = undefined;
  }

  /**
   * Takes it off the loop, which from now on waits for nothing of the harness's, until it is watched again: what comes meanwhile is heard
   * by whoever calls what is returned. @throws as `IOLoop.addHandler`
   */
  stepAside(loop: IOLoop): () => void {
    this.unwatch();
    const aside = new PollPoller();
    aside.register(this.#fd, READ);
    this.#aside = aside;
    return () => {
      if (this.#aside === aside && aside.wait(0) > 0) this.#receive(loop);
    };
  }

  #receive(loop: IOLoop): void {
    const count = this.#read(loop);
    if (count === WOULD_BLOCK) return;
    if (count === 0) {
      this.unwatch();
      loop.stop();
      return;
    }
    // A second read could block; an edge trigger has to be asked whether there is more.
    if (this.#loop && loop.capabilities.trigger === 'edge') loop.updateHandler(this.#fd, READ);
    for (const line of this.#lines.push(new Uint8Array(this.#chunk.buffer, 0, count))) {
      loop.addCallback(() => this.#onMessage(JSON.parse(line)));
    }
  }

  /** Bytes read, or 0 also when the other side died with something unread. @throws SyscallError after having stopped the loop */
  #read(loop: IOLoop): number {
    try {
      return read(this.#fd, this.#chunk.address, CHUNK_BYTES);
    } catch (error) {
      if (error instanceof SyscallError && error.code === 'ECONNRESET') return 0;
      // Nobody will be heard any more: left running, the loop would run for ever.
      this.unwatch();
      loop.stop();
      throw error;
    }
  }
}

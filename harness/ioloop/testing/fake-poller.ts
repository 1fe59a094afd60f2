import { type Capabilities, type Interest, type Poller, PollerError } from '../../../pollers/poller.js';
import type { JumpingClock } from './jumping-clock.js';

/** What one wait finds: these fds, with these bits, after so much time. */
export interface Find {
  readonly afterMs?: number;
  readonly ready?: readonly (readonly [fd: number, events: number])[];
}

/** Waits in no time, moves the clock instead, and finds what the test has planned; after that, nothing. */
export class FakePoller implements Poller {
  readonly name = 'fake';
  readonly capabilities: Capabilities = {
    maxFd: 2 ** 31 - 1,
    trigger: 'level',
    reportsErrors: true,
    watchesRegularFiles: true,
    blocks: true,
    refusesAtRegister: true,
    ownsFd: true,
    registersBySyscall: true,
    scansAll: false,
  };
  /** The timeout of each wait so far. */
  readonly waits: (number | null)[] = [];
  readonly readyFds = new Int32Array(4096);
  readonly readyEvents = new Uint8Array(4096);
  fdsExamined = 0;
  isClosed = false;
  /** Called at the beginning of each wait. */
  onWait: (() => void) | undefined;

  readonly #clock: JumpingClock;
  readonly #interests = new Map<number, Interest>();
  readonly #finds: Find[] = [];

  constructor(clock: JumpingClock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#interests.size;
  }

  plan(...finds: readonly Find[]): void {
    this.#finds.push(...finds);
  }

  /** What the next wait finds. */
  planReady(...ready: readonly (readonly [fd: number, events: number])[]): void {
    this.plan({ ready });
  }

  /** As select does with an fd that it finds closed. */
  forget(fd: number): void {
    this.#interests.delete(fd);
  }

  register(fd: number, interest: Interest): void {
    if (this.#interests.has(fd)) throw new PollerError('ALREADY_REGISTERED', fd, `fd ${fd} twice`);
    this.#interests.set(fd, interest);
  }

  modify(fd: number, interest: Interest): void {
    if (!this.#interests.has(fd)) throw new PollerError('NOT_REGISTERED', fd, `fd ${fd} is unknown`);
    this.#interests.set(fd, interest);
  }

  unregister(fd: number): void {
    if (!this.#interests.delete(fd)) throw new PollerError('NOT_REGISTERED', fd, `fd ${fd} is unknown`);
  }

  interestOf(fd: number): Interest | 0 {
    return this.#interests.get(fd) ?? 0;
  }

  wait(timeoutMs: number | null): number {
    this.waits.push(timeoutMs);
    this.onWait?.();
    const find = this.#finds.shift();
    if (!find && timeoutMs === null) throw new Error('this wait would never end');
    this.#clock.advance(find?.afterMs ?? (find?.ready ? 0 : (timeoutMs ?? 0)));
    const ready = find?.ready ?? [];
    for (const [i, [fd, events]] of ready.entries()) {
      this.readyFds[i] = fd;
      this.readyEvents[i] = events;
    }
    this.fdsExamined = ready.length;
    return ready.length;
  }

  userBytes(): number {
    return 0;
  }

  close(): void {
    this.isClosed = true;
  }
}

import { Interests } from './interests.js';
import { EINTR, lastErrno, SyscallError, settled } from './libc/call.js';
import type { Capabilities, Interest, NativeWait, Poller } from './poller.js';

const LEAST_ROOM = 64;

/**
 * What every backend keeps: the table of interests, and the ready set that its waits fill. Each has a `wait` of its own,
 * because V8 compiles one that all share into calls that it cannot see through.
 */
export abstract class TablePoller implements Poller {
  readonly name: string;
  readonly capabilities: Capabilities;
  readyFds = new Int32Array(LEAST_ROOM);
  readyEvents = new Uint8Array(LEAST_ROOM);
  fdsExamined = 0;
  abstract readonly native?: NativeWait;
  protected readonly interests: Interests;

  constructor(name: string, capabilities: Capabilities) {
    this.name = name;
    this.capabilities = capabilities;
    this.interests = new Interests(name, capabilities.maxFd);
  }

  abstract register(fd: number, interest: Interest): void;
  abstract modify(fd: number, interest: Interest): void;
  abstract unregister(fd: number): void;
  abstract wait(timeoutMs: number | null): number;
  /** Bytes of what the backend keeps beside the table and the ready set. */
  protected abstract ownBytes(): number;

  get size(): number {
    return this.interests.size;
  }

  interestOf(fd: number): Interest | 0 {
    return this.interests.of(fd);
  }

  userBytes(): number {
    return this.ownBytes() + this.interests.bytes + this.readyFds.byteLength + this.readyEvents.byteLength;
  }

  close(): void {
    this.interests.close();
  }

  /** A ready set with room for all that is registered, before a wait that could report all. */
  protected makeRoomForAll(): void {
    const { size } = this.interests;
    if (size > this.readyFds.length) this.makeRoom(size * 2);
  }

  /** A ready set with room for `count`, before the wait that fills it. */
  protected makeRoom(count: number): void {
    this.readyFds = new Int32Array(count);
    this.readyEvents = new Uint8Array(count);
  }

  /**
   * What a wait that said -1 has answered: nothing where a signal handler ran. `askAtOnce` makes it again without waiting.
   * Returns an errno that is expected below 0. @throws SyscallError for any other
   */
  protected settle(
    syscall: string,
    askAtOnce: () => number,
    { fd, expected = 0 }: { fd?: number; expected?: number } = {},
  ): number {
    if (lastErrno() === EINTR) return 0;
    const answered = settled(askAtOnce);
    if (answered < 0 && answered !== -expected) throw new SyscallError(syscall, -answered, fd);
    return answered;
  }
}

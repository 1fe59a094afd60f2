import { voluntarySwitches } from '../../pollers/libc/linux/process.js';

/** System calls of one kind; whoever makes one adds to `count`. */
export interface SyscallCount {
  count: number;
}

/** The calls of a poller that tells the kernel what it watches. */
export type Registrations = Readonly<Record<'register' | 'modify' | 'unregister', SyscallCount>>;

/** What a loop has done since it was made. Plain data. */
export interface LoopCounts {
  /** Waits of the poller. */
  readonly turns: number;
  /** Waits that were allowed to block. */
  readonly blockingTurns: number;
  /** Waits during which the thread gave up the CPU; see `Counters.sleptTurns`. */
  readonly sleptTurns: number;
  /** Calls of handlers. */
  readonly events: number;
  /** Sum of the poller's `fdsExamined`. */
  readonly fdsExamined: number;
  /** EPIPE thrown by handlers. */
  readonly brokenPipes: number;
  /** All other errors of handlers, callbacks and timers, reported or not. */
  readonly errors: number;
  /**
   * By name. `wait` is the poller's; one of a poller that asks each fd alone is as many calls as it examined fds. `register`, `modify`
   * and `unregister` are those of a poller that tells the kernel. The rest was added by other layers.
   */
  readonly syscalls: Readonly<Record<string, number>>;
}

/** Counters of one loop: plain fields, added to as it runs, read by whoever has the loop. */
export class Counters {
  turns = 0;
  /** Turns whose wait was allowed to block. */
  blockingTurns = 0;
  events = 0;
  fdsExamined = 0;
  brokenPipes = 0;
  errors = 0;

  readonly #syscalls = new Map<string, SyscallCount>();
  #switches = 0;
  #switchesAtStart: number | undefined;

  /** The counter of that name, new or shared. Fetch it once and keep it. */
  syscall(name: string): SyscallCount {
    let counter = this.#syscalls.get(name);
    if (!counter) {
      counter = { count: 0 };
      this.#syscalls.set(name, counter);
    }
    return counter;
  }

  registrations(): Registrations {
    return {
      register: this.syscall('register'),
      modify: this.syscall('modify'),
      unregister: this.syscall('unregister'),
    };
  }

  /**
   * How many turns slept, by the kernel's count of voluntary context switches while the loop ran, but no more than were
   * allowed to block. A clock around the wait could not tell: a scan of thousands of fds takes as long as a short sleep.
   * What else makes the thread sleep is counted too: every second garbage collection, as a rule, and handlers that
   * block. Read from the loop's own thread; costs one system call, and the turns nothing.
   */
  get sleptTurns(): number {
    const sinceStart = this.#switchesAtStart === undefined ? 0 : voluntarySwitches() - this.#switchesAtStart;
    return Math.min(this.#switches + sinceStart, this.blockingTurns);
  }

  runBegins(): void {
    this.#switchesAtStart = voluntarySwitches();
  }

  runEnds(): void {
    if (this.#switchesAtStart !== undefined) this.#switches += voluntarySwitches() - this.#switchesAtStart;
    this.#switchesAtStart = undefined;
  }

  snapshot(): LoopCounts {
    const { turns, blockingTurns, sleptTurns, events, fdsExamined, brokenPipes, errors } = this;
    const syscalls: Record<string, number> = { wait: turns };
    for (const [name, { count }] of this.#syscalls) syscalls[name] = count;
    return { turns, blockingTurns, sleptTurns, events, fdsExamined, brokenPipes, errors, syscalls };
  }
}

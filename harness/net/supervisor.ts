import { spawn } from 'node:child_process';
import { close, read } from '../../pollers/libc/linux/files.js';
import { reap } from '../../pollers/libc/linux/process.js';
import { shutdownWrite, socketpair } from '../../pollers/libc/linux/sockets.js';
import { allocate } from '../../pollers/libc/memory.js';
import { PollPoller } from '../../pollers/poll.js';
import { READ } from '../../pollers/poller.js';
import { logToStderr } from '../ioloop/errors.js';
import { IOLoop } from '../ioloop/ioloop.js';
import type { Timeout } from '../ioloop/timers.js';
import { TASK_VARIABLE, type TaskOrder } from './task.js';

export interface SeveralOptions {
  /** How often a process that died is replaced, all in all. 100 unless given. */
  readonly maxRestarts?: number;
  /** Called in the first process, once, when all the others accept. */
  readonly onReady?: () => void;
  /** What the first process runs meanwhile, for those who have more to watch there; stopping it ends the others. */
  readonly loop?: IOLoop;
}

const MAX_RESTARTS = 100;
/** A process that dies sooner is not replaced before: it may do so again, and again. */
const LEAST_LIFE_MS = 1000;
/** From hanging up to SIGKILL. */
const GRACE_MS = 2000;
const GOOD_END = 'code 0';

const byte = allocate(8);

interface Running {
  readonly id: number;
  readonly pid: number;
  readonly startedMs: number;
  /** Our end of the task's LIFE_FD. */
  readonly life: number;
}

/** Starts the tasks of a server, one for each list of sockets, and replaces those that die. */
export class Supervisor {
  readonly #loop: IOLoop;
  readonly #sockets: (readonly number[])[];
  readonly #maxRestarts: number;
  readonly #onReady: (() => void) | undefined;
  readonly #running = new Map<number, Running>();
  readonly #delayed = new Map<number, Timeout>();
  readonly #notReady: Set<number>;
  #restarts = 0;
  #isEnding = false;
  #failure: Error | undefined;

  /** The sockets listen, belong to the supervisor, and stay open while their task is being replaced. */
  constructor(sockets: readonly (readonly number[])[], options: SeveralOptions = {}) {
    this.#loop = options.loop ?? new IOLoop({ poller: new PollPoller() });
    this.#sockets = [...sockets];
    this.#maxRestarts = options.maxRestarts ?? MAX_RESTARTS;
    this.#onReady = options.onReady;
    this.#notReady = new Set(sockets.keys());
  }

  /** Returns when all tasks have ended well. @throws Error when too many died; the others have been ended then */
  run(): void {
    for (const id of this.#sockets.keys()) this.#start(id);
    this.#loop.start();
    this.#hangUp();
    if (this.#running.size > 0) this.#loop.start();
    this.#sockets.flat().forEach(close);
    if (this.#failure) throw this.#failure;
  }

  /** Runs the program of this process once more, with a variable that makes it a task. */
  readonly #start = (id: number): void => {
    const sockets = this.#sockets[id] as readonly number[];
    const order: TaskOrder = { id, parent: process.pid, sockets: sockets.length };
    const [life, far] = socketpair();
    const { pid } = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
      env: { ...process.env, [TASK_VARIABLE]: JSON.stringify(order) },
      stdio: ['inherit', 'inherit', 'inherit', far, ...sockets],
    }).on('error', () => {});
    close(far);
    if (pid === undefined) {
      close(life);
      this.#giveUp(`task ${id} cannot be started`);
      return;
    }
    const running = { id, pid, startedMs: this.#loop.time(), life };
    this.#running.set(id, running);
    this.#loop.addHandler(life, () => this.#hear(running), READ);
  };

  #hear(running: Running): void {
    if (read(running.life, byte.address, 1) === 0) this.#bury(running);
    else this.#isReady(running.id);
  }

  #isReady(id: number): void {
    if (this.#notReady.delete(id) && this.#notReady.size === 0) this.#onReady?.();
  }

  #bury({ id, pid, life, startedMs }: Running): void {
    this.#loop.removeHandler(life);
    close(life);
    this.#running.delete(id);
    const end = reap(pid);
    if (!this.#isEnding) this.#replace(id, `task ${id} (pid ${pid}) ended with ${end}`, end, startedMs);
    if (this.#running.size === 0 && this.#delayed.size === 0) this.#loop.stop();
  }

  #replace(id: number, what: string, end: string, startedMs: number): void {
    if (end === GOOD_END) {
      report(`${what}; it is not replaced`);
      // Else the kernel would go on giving it connections.
      this.#sockets[id]?.forEach(close);
      this.#sockets[id] = [];
      this.#isReady(id);
    } else if (this.#restarts === this.#maxRestarts) {
      this.#giveUp(`${what}, and all ${this.#maxRestarts} replacements are used up`);
    } else {
      this.#restarts++;
      report(`${what}; replacement ${this.#restarts} of at most ${this.#maxRestarts}`);
      const start = () => {
        this.#delayed.delete(id);
        this.#start(id);
      };
      this.#delayed.set(id, this.#loop.callAt(startedMs + LEAST_LIFE_MS, start));
    }
  }

  #giveUp(why: string): void {
    this.#failure ??= new Error(why);
    this.#loop.stop();
  }

  /** The tasks hear the end of file; those that do not listen are killed. */
  #hangUp(): void {
    this.#isEnding = true;
    for (const timeout of this.#delayed.values()) this.#loop.removeTimeout(timeout);
    this.#delayed.clear();
    for (const { life } of this.#running.values()) shutdownWrite(life);
    this.#loop.callLater(GRACE_MS, () => {
      for (const { pid } of this.#running.values()) process.kill(pid, 'SIGKILL');
    });
  }
}

const report = (line: string): void => logToStderr(`server: ${line}`);

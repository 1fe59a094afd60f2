import { closeOnExec, read, write } from '../../pollers/libc/linux/files.js';
import { dieWithParent } from '../../pollers/libc/linux/process.js';
import { localAddress } from '../../pollers/libc/linux/sockets.js';
import { allocate } from '../../pollers/libc/memory.js';
import { READ } from '../../pollers/poller.js';
import type { IOLoop } from '../ioloop/ioloop.js';

/** The variable in which the first process of a server tells each of the others who it is. */
export const TASK_VARIABLE = 'POLLCOST_TASK';

/** A socket between the two: one byte says that the task accepts, the end of file that the other side is gone. */
export const LIFE_FD = 3;

/** What stands in the variable, as JSON. The sockets that the task accepts on follow LIFE_FD. */
export interface TaskOrder {
  readonly id: number;
  readonly parent: number;
  readonly sockets: number;
}

const byte = allocate(8);

/** This process as one of several that serve the same port; see `TCPServer.start`. */
class Task {
  /** 0 to n - 1; a process that replaces another one has its id. */
  readonly id: number;
  readonly #sockets: number[];

  /** Ties this process to the first one: the kernel ends it when that one ends, however that happens. */
  constructor({ id, parent, sockets }: TaskOrder) {
    dieWithParent();
    if (process.ppid !== parent) process.exit(1);
    this.id = id;
    this.#sockets = Array.from({ length: sockets }, (_, at) => LIFE_FD + 1 + at);
    for (const fd of [LIFE_FD, ...this.#sockets]) closeOnExec(fd);
  }

  /** The socket that the first process opened for the same call of `bind`. @throws Error when it made no such call */
  takeSocket(port: number): number {
    const fd = this.#sockets.shift();
    if (fd === undefined) throw new Error(`task ${this.id} binds more than the first process did`);
    const bound = localAddress(fd).port;
    if (port !== 0 && port !== bound)
      throw new Error(`task ${this.id} binds port ${port} where the first process bound ${bound}`);
    return fd;
  }

  /** Tells the first process that this one accepts; the loop stops when that one hangs up, or cannot be heard any more. */
  begin(loop: IOLoop): void {
    const handler = () => {
      let heard = 0;
      try {
        heard = read(LIFE_FD, byte.address, 1);
      } finally {
        if (heard === 0) {
          loop.removeHandler(LIFE_FD);
          loop.stop();
        }
      }
    };
    loop.addHandler(LIFE_FD, handler, READ);
    write(LIFE_FD, byte.address, 1);
  }
}

function join(): Task | undefined {
  const order = process.env[TASK_VARIABLE];
  if (order === undefined) return undefined;
  // It is meant for this process alone.
  delete process.env[TASK_VARIABLE];
  return new Task(JSON.parse(order) as TaskOrder);
}

/** What this process is to the one that started it; undefined in a process that somebody else started. */
export const task: Task | undefined = join();

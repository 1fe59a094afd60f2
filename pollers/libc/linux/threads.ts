import { declare } from '../call.js';
import { allocate } from '../memory.js';

const dlsym = declare<(handle: number, name: string) => number>('long dlsym(void *, const char *)');
const pthreadCreate = declare<
  (thread: number, attributes: number, start: number, argument: number) => number
>('int pthread_create(void *, void *, void *, void *)');
const pthreadCancel = declare<(thread: number) => number>('int pthread_cancel(unsigned long)');
const pthreadJoin = declare<(thread: number, result: number) => number>(
  'int pthread_join(unsigned long, void *)',
);

const RTLD_DEFAULT = 0;
const handle = allocate(8);
const handles = new BigUint64Array(handle.buffer);

/** A thread that sleeps in libc's own pause(2) until it is ended. It shares this thread's file table. */
export interface SleepingThread {
  end(): void;
}

/** @throws Error when the thread cannot be made */
export function startSleepingThread(): SleepingThread {
  succeed(pthreadCreate(handle.address, 0, dlsym(RTLD_DEFAULT, 'pause'), 0), 'pthread_create');
  const thread = Number(handles[0]);
  return {
    end() {
      succeed(pthreadCancel(thread), 'pthread_cancel');
      succeed(pthreadJoin(thread, 0), 'pthread_join');
    },
  };
}

/** pthread functions return the errno itself. */
function succeed(errno: number, what: string): void {
  if (errno !== 0) throw new Error(`${what} failed with errno ${errno}`);
}

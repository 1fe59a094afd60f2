import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';

type Foreign = (...args: never[]) => number;

/** A function of the running process's own C library, by its prototype. Pointers are plain numbers, 0 is NULL. */
export const declare = declaring(null);

/** The same for a shared object of one's own. @throws Error when it cannot be loaded */
export const loadLibrary = (path: string) => declaring(path);

function declaring(path: string | null) {
  const library = koffi.load(path);
  return <F extends Foreign>(prototype: string): F => library.func(prototype) as unknown as F;
}

export const koffiVersion = koffi.version;

/** What the kernel refused. `code` is the symbolic errno, as in Node's own errors. */
export class SyscallError extends Error {
  override readonly name = 'SyscallError';
  readonly syscall: string;
  readonly code: string;
  readonly errno: number;
  readonly fd: number | undefined;

  /** `advice` is for people: what it means here, and what would change it. */
  constructor(syscall: string, errno: number, fd: number | undefined, advice?: string) {
    const code = getSystemErrorName(-errno);
    super(`${syscall}${fd === undefined ? '' : ` on fd ${fd}`}: ${code}${advice ? `: ${advice}` : ''}`);
    this.syscall = syscall;
    this.code = code;
    this.errno = errno;
    this.fd = fd;
  }
}

export const {
  EINTR,
  EAGAIN,
  EALREADY,
  EBADF,
  EBUSY,
  EEXIST,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENOENT,
  ENOMEM,
  ENOSYS,
  EPERM,
  ETIME,
} = koffi.os.errno as Record<
  | 'EINTR'
  | 'EAGAIN'
  | 'EALREADY'
  | 'EBADF'
  | 'EBUSY'
  | 'EEXIST'
  | 'EINPROGRESS'
  | 'EINVAL'
  | 'EISCONN'
  | 'ENOENT'
  | 'ENOMEM'
  | 'ENOSYS'
  | 'EPERM'
  | 'ETIME',
  number
>;

/** The errno of the call just made; any other call in between overwrites it. */
export const lastErrno = (): number => koffi.errno();

const MOST_TRIES = 5;

/**
 * What a call that said -1 comes to: made again where a signal came; or where V8 took memory between the call and the look
 * at its errno, and left ENOMEM there, as the C library does when it has to find its memory elsewhere. One that is real
 * stays. Returns what the call says then, or its errno, negative as the kernel itself says it.
 */
export function settled(makeAgain: () => number): number {
  for (let tries = 1; ; tries++) {
    const errno = lastErrno();
    if (errno !== EINTR && (errno !== ENOMEM || tries === MOST_TRIES)) return -errno;
    const result = makeAgain();
    if (result !== -1) return result;
  }
}

/** What a call comes to that need not be quick: its result, or its errno, negative. */
export function outcomeOf(make: () => number): number {
  const result = make();
  return result === -1 ? settled(make) : result;
}

/** Passes a system call's result on. @throws SyscallError when it is -1 */
export function check(result: number, syscall: string, fd?: number): number {
  if (result === -1) throw new SyscallError(syscall, lastErrno(), fd);
  return result;
}

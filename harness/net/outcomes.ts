import { isSyscallError } from '../../pollers/poller.js';

/** What a read or write that cannot complete any more is told instead; the stream's `error` may say why. */
export const CLOSED: unique symbol = Symbol('CLOSED');

/** The kernel has taken all bytes of a write. */
export const WRITTEN: unique symbol = Symbol('WRITTEN');

export type Closed = typeof CLOSED;
export type Written = typeof WRITTEN;

export type StreamErrorCode =
  /** Thrown: the stream is closed, and its owner knows. */
  | 'CLOSED'
  /** Thrown: one read at a time. */
  | 'ALREADY_READING'
  /** Thrown: it was connected before. */
  | 'ALREADY_CONNECTED'
  /** Thrown: a write after `shutdown`. */
  | 'SHUT_DOWN'
  /** Found in `error`: what came cannot complete the read within its limit. */
  | 'UNSATISFIABLE';

/** A misuse of a stream, thrown before any system call; or, as a value, a read that no more bytes can satisfy. */
export class StreamError extends Error {
  override readonly name = 'StreamError';
  readonly code: StreamErrorCode;

  constructor(code: StreamErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Whether a call says that the number is no socket any more: it was closed elsewhere, and may be another file's by now. */
export const isNoSocket = (error: unknown): boolean =>
  isSyscallError(error) && (error.code === 'EBADF' || error.code === 'ENOTSOCK');

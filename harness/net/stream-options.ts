import { BLOCK_BYTES } from './per-loop.js';

export interface StreamOptions {
  /** Bytes that are kept for later reads at most; a read that cannot be completed with fewer is UNSATISFIABLE. */
  readonly maxBufferBytes?: number | undefined;
  /** Above so many queued bytes the stream is no longer `writable`. */
  readonly highWaterBytes?: number | undefined;
  /** From so many on it is again. */
  readonly lowWaterBytes?: number | undefined;
  /** Keep the stream open for writing when the peer has ended its direction. */
  readonly allowHalfOpen?: boolean | undefined;
}

/** Options with their defaults, checked once for many streams. */
export class StreamSettings {
  readonly maxBufferBytes: number;
  readonly highWaterBytes: number;
  readonly lowWaterBytes: number;
  readonly allowHalfOpen: boolean;

  /** @throws RangeError unless 0 <= low <= high and the buffer holds a byte */
  constructor(options: StreamOptions = {}) {
    this.maxBufferBytes = options.maxBufferBytes ?? 64 * 2 ** 20;
    this.highWaterBytes = options.highWaterBytes ?? BLOCK_BYTES;
    this.lowWaterBytes = options.lowWaterBytes ?? this.highWaterBytes / 4;
    this.allowHalfOpen = options.allowHalfOpen ?? false;
    if (!(this.maxBufferBytes >= 1))
      throw new RangeError(`a buffer of ${this.maxBufferBytes} bytes holds nothing`);
    if (!(this.lowWaterBytes >= 0 && this.lowWaterBytes <= this.highWaterBytes))
      throw new RangeError(
        `low water ${this.lowWaterBytes} is not in 0..${this.highWaterBytes}, the high water`,
      );
  }
}

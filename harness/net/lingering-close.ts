import type { IOStream } from './iostream.js';
import { CLOSED, type Closed } from './outcomes.js';

export interface LingerLimits {
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

/**
 * Closes a stream so that the peer reads everything that was sent. A plain `close` with something unread makes Linux send
 * a reset, and that takes away what the peer has not read yet. This one ends its own direction after the queued writes,
 * throws away what the peer still sends, and closes when the peer does, or at a limit.
 */
export function closeLingering(stream: IOStream, limits: LingerLimits = {}): void {
  const { timeoutMs = 2000, maxBytes = 2 ** 20 } = limits;
  if (stream.closed) return;
  stream.cancelRead();
  stream.shutdown();
  const { loop } = stream;
  const timeout = loop.callLater(timeoutMs, () => stream.close());
  let left = maxBytes;
  const discard = (bytes: Buffer | Closed): void => {
    if (bytes === CLOSED) {
      // Else the peer has ended its direction, and the stream closes by itself once everything is sent.
      if (stream.closed) loop.removeTimeout(timeout);
      return;
    }
    left -= bytes.length;
    if (left > 0) stream.readSome(discard);
    else stream.close();
  };
  stream.readSome(discard);
}

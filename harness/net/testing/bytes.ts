import { CLOSED, type Closed } from '../outcomes.js';

export const CRLF = Buffer.from('\r\n');
export const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** What a read callback got, in a form that outlives it. */
export const textOf = (bytes: Buffer | Closed): string =>
  bytes === CLOSED ? 'CLOSED' : bytes.toString('latin1');

/** Bytes of which no two of the same distance look the same, so that a lost or doubled one shows. */
export function pattern(length: number, seed = 0): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed | 1;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

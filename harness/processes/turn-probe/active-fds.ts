import { read } from '../../../pollers/libc/files.js';
import { allocate } from '../../../pollers/libc/memory.js';
import type { Pool } from '../batch/pool.js';
import type { TurnConditions } from './protocol.js';

/** Places in `progress`. */
export const AT = 0;
export const CHURN_DUE = 1;
export const CHURN_AT = 2;
export const UNREAD = 3;

const PROGRESS_BYTES = 24;
/** Behind four 32-bit words. */
const TURN_NS = 2;

export const INBOX_BYTES = 64;
export const INBOX = allocate(INBOX_BYTES);

/**
 * How far a visit has come. It goes on from batch to batch, from JavaScript to C and from round to round, so that a
 * rotating active set comes round to all fds however short a batch is.
 *
 * Words: where the active ones begin, hundredths of a registration that are due to be replaced, which fd is replaced
 * next, bytes that were sent and not read yet. Then one double: ns of the turns of the last bracketed batch.
 */
export class Progress {
  readonly #memory = allocate(PROGRESS_BYTES);
  readonly words = new Int32Array(this.#memory.buffer, 0, 4);
  readonly turnNs = new Float64Array(this.#memory.buffer, TURN_NS * 8, 1);

  get address(): number {
    return this.#memory.address;
  }
}

/** What a visit's turns work on. The fds that are ready, or become so next, are the `ready` ones from `progress[AT]` on. */
export interface ActiveFds {
  /** Watched fds in the order in which they become ready, and their peers in the same order. */
  readonly fds: Int32Array;
  readonly peers: Int32Array;
  readonly ready: number;
  readonly rotates: boolean;
  readonly churnPer100: number;
  /** Address and length of what a peer sends. */
  readonly message: number;
  readonly messageBytes: number;
  readonly progress: Int32Array;
  readonly turnNs: Float64Array;
  /** The same lists and progress as C sees them. */
  readonly addresses: { readonly fds: number; readonly peers: number; readonly progress: number };
}

/** The work of these conditions on the pool's sockets from index `first` on. */
export function activeFds(
  pool: Pool,
  first: number,
  { watched, ready, position, life, churnPer100 = 0 }: TurnConditions,
  progress: Progress,
): ActiveFds {
  const order = activeOrder(watched, ready, position);
  const fds = allocate(4 * watched);
  const peers = allocate(4 * watched);
  const work = {
    fds: new Int32Array(fds.buffer, 0, watched),
    peers: new Int32Array(peers.buffer, 0, watched),
    ready,
    rotates: life === 'consumed-rotating',
    churnPer100,
    message: pool.message.address,
    messageBytes: pool.messageBytes,
    progress: progress.words,
    turnNs: progress.turnNs,
    addresses: { fds: fds.address, peers: peers.address, progress: progress.address },
  };
  for (const [place, index] of order.entries()) {
    work.fds[place] = pool.fd(first + index);
    work.peers[place] = pool.peer(first + index);
  }
  return work;
}

/**
 * Indices of `watched` fds in the order in which they become ready, `ready` at a time. Those of one time are spread
 * evenly, at the first time with the last fd among them (the first, where that is the position). From one time to the
 * next all move on by the golden section of their distance, so that few cycles already meet all positions alike.
 */
export function activeOrder(watched: number, ready: number, position: TurnConditions['position']): number[] {
  if (ready > watched) throw new RangeError(`${ready} of ${watched} watched fds cannot be ready`);
  if (ready > 1 && position !== 'even') throw new RangeError(`${ready} ready fds are spread, position even`);
  const all = Array.from({ length: watched }, (_, index) => index);
  if (ready === 0) return all;
  const times = Math.ceil(watched / ready);
  const step = coprimeNear(times * 0.618, times);
  const order = new Set<number>();
  for (let time = 0; time < times; time++) {
    const shift = (time * step) % times;
    for (let i = 0; i < ready; i++) {
      const start = position === 'first' ? 0 : Math.ceil(((i + 1) * watched) / ready) - 1;
      order.add((start + shift) % watched);
    }
  }
  return [...order];
}

function coprimeNear(value: number, modulus: number): number {
  let step = Math.max(1, Math.round(value));
  while (divisor(step, modulus) !== 1) step++;
  return step;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

const LATEST_MS = 2000;

/** Reads what was sent and not read yet. @throws Error when it does not arrive */
export function drain({ fds, progress }: ActiveFds): void {
  const deadline = performance.now() + LATEST_MS;
  while ((progress[UNREAD] as number) > 0) {
    for (const fd of fds) {
      const bytes = read(fd, INBOX.address, INBOX_BYTES);
      if (bytes > 0) progress[UNREAD] = (progress[UNREAD] as number) - bytes;
    }
    if (performance.now() > deadline)
      throw new Error(`${progress[UNREAD]} bytes were sent and never arrived`);
  }
}

const WORD = 4294967296;

/**
 * A seeded generator of uniform numbers in [0, 1), 32 bits each: the same seed gives the same numbers
 * everywhere. The generator is sfc32 (Chris Doty-Humphrey, PractRand); it is not for secrets.
 *
 * @param seed any safe integer
 * @throws RangeError if the seed is not a safe integer
 */
export function randomFrom(seed: number): () => number {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed must be a safe integer, not ${seed}`);
  // An array, because V8 boxes a closure's variable of all 32 bits anew at each write: 4 times slower.
  const state = Int32Array.of(Math.floor(seed / WORD) | 0, seed | 0, 0x9e3779b9 | 0, 1);
  const next = () => {
    const b = state[1] as number;
    const c = state[2] as number;
    const counter = state[3] as number;
    const drawn = ((state[0] as number) + b + counter) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + drawn;
    state[3] = counter + 1;
    return (drawn >>> 0) / WORD;
  };
  // The author's advice: without these, close seeds start with close numbers.
  for (let i = 0; i < 15; i++) next();
  return next;
}

/**
 * A stable seed in 0..2^32-1 from any names and numbers, so that each use of randomness has its own stream:
 * `seedFrom(run.seed, cell.id)`. The boundaries of the parts and their types count: ('a', 'b'), ('ab') and
 * (1), ('1') differ. FNV-1a (Fowler, Noll, Vo) over the parts as JSON, mixed by the finalizer of MurmurHash3.
 */
export function seedFrom(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(JSON.stringify(parts)))
    hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A new array of the same items in an order drawn from `random`, each equally likely (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const drawn = Math.floor(random() * (last + 1));
    const item = order[last] as T;
    order[last] = order[drawn] as T;
    order[drawn] = item;
  }
  return order;
}

const WORD = 2 ** 32;

/** An odd number near the golden ratio of 2^32: multiples of it are spread evenly over all words. */
const STEP = 0x9e3779b9;

/**
 * A seeded generator of uniform numbers in [0, 1), 32 bits each: a counter in steps of `STEP`, mixed by the finalizer
 * of MurmurHash3. What runs inside a child process has none of the statistics' own.
 *
 * @param seed any safe integer
 * @throws RangeError if it is none
 */
export function randomFrom(seed: number): () => number {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed must be a safe integer, not ${seed}`);
  const high = mixed(Math.floor(seed / WORD));
  let counter = mixed(high ^ (seed | 0));
  return () => {
    counter = (counter + STEP) | 0;
    return mixed(counter) / WORD;
  };
}

function mixed(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Brings the items into an order in which each is equally likely to be anywhere (Fisher-Yates). */
export function shuffle(items: Int32Array, random: () => number): Int32Array {
  for (let last = items.length - 1; last > 0; last--) {
    const drawn = Math.floor(random() * (last + 1));
    const item = items[last] as number;
    items[last] = items[drawn] as number;
    items[drawn] = item;
  }
  return items;
}

import { threadCpuNs } from '../../../pollers/libc/clock.js';

/** 4 KiB: they stay in the first-level cache, so that nothing but the core's units is asked for. */
const WORDS = 1024;
const LANES = 8;
/** About 20 us at full speed: long beside what reading the clock costs, short beside a batch. */
const PASSES = 6000;
/** What a batch has pushed out of the caches, the clock's code too, comes back before the time begins. */
const LEAD_IN_PASSES = 256;
const COMPILED_AFTER = 400;

/** Tells how fast the core is, in ns of CPU time that do not depend on what is measured. */
export interface Sentinel {
  read(): number;
}

/**
 * The speed sentinel: a loop of independent chains, which takes as long as the core lets it, whatever the kernel does. A
 * neighbour on the core's other hyperthread takes units away and shows in it; a dependent chain would wait anyway.
 * docs/sentinel.md has the evidence.
 */
export class UnitsLoop implements Sentinel {
  readonly #words = new Int32Array(WORDS);
  /** Keeps the passes from being optimised away. */
  sum = 0;

  /** Runs until V8 has compiled it: a reading that is interpreted reads another speed. */
  constructor() {
    for (let run = 0; run < COMPILED_AFTER; run++) this.sum = pass(this.#words, LEAD_IN_PASSES);
    for (let run = 0; run < COMPILED_AFTER / 10; run++) this.read();
  }

  /** CPU ns of one pass, now. */
  read(): number {
    this.#time(LEAD_IN_PASSES);
    return this.#time(PASSES) / PASSES;
  }

  #time(passes: number): number {
    const before = threadCpuNs();
    this.sum = pass(this.#words, passes);
    return threadCpuNs() - before;
  }
}

function pass(words: Int32Array, passes: number): number {
  let a = 1;
  let b = 2;
  let c = 3;
  let d = 4;
  let e = 5;
  let f = 6;
  let g = 7;
  let h = 8;
  for (let i = 0; i < passes; i++) {
    const at = (i * LANES) & (WORDS - LANES);
    a = (a + (words[at] as number)) | 0;
    b ^= words[at + 1] as number;
    c = (c + (words[at + 2] as number)) | 0;
    d ^= words[at + 3] as number;
    e = (e + (words[at + 4] as number)) | 0;
    f ^= words[at + 5] as number;
    g = (g + (words[at + 6] as number)) | 0;
    h ^= words[at + 7] as number;
    words[at] = i;
  }
  return a + b + c + d + e + f + g + h;
}

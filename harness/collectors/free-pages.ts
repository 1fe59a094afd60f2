import { closeSync, openSync, readSync } from 'node:fs';
import { numberIn, readText } from './collector.js';

/** Pages that nobody has, by /proc/zoneinfo: those of the zones and those that each CPU keeps at hand. */
export class FreePages {
  readonly #file = openSync('/proc/zoneinfo', 'r');
  #text = Buffer.allocUnsafeSlow(65_536);

  read(): number {
    let length = readSync(this.#file, this.#text, 0, this.#text.length, 0);
    while (length === this.#text.length) {
      this.#text = Buffer.allocUnsafeSlow(length * 2);
      length = readSync(this.#file, this.#text, 0, this.#text.length, 0);
    }
    return freePagesIn(this.#text.toString('latin1', 0, length));
  }

  close(): void {
    closeSync(this.#file);
  }
}

export function freePagesIn(zoneinfo: string): number {
  let pages = 0;
  for (const [, count] of zoneinfo.matchAll(/^ +(?:pages free +|count: +)(\d+)$/gm)) pages += Number(count);
  return pages;
}

/** The kernel's unit of memory; 4 096 where it does not say. */
export const pageBytes = (): number =>
  1024 * (numberIn(readText('/proc/self/smaps'), /^KernelPageSize: +(\d+) kB/m) ?? 4);

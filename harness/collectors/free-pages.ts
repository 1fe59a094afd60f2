import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { numberIn, readText } from './collector.js';

const BUDDYINFO = 'proc/buddyinfo';
const ZONEINFO = 'proc/zoneinfo';

export const freePagesAreReadable = (root = '/'): boolean =>
  [BUDDYINFO, ZONEINFO].every((file) => readText(join(root, file)) !== null);

/**
 * Pages that nobody has: those of the zones, and those that each CPU keeps at hand. The zones' own count of free pages lags
 * behind by what each CPU has not added to it yet, a hundred pages or so; the lengths of their free lists do not.
 */
export class FreePages {
  readonly #zones: OpenFile;
  readonly #atHand: OpenFile;

  constructor(root = '/') {
    this.#zones = new OpenFile(join(root, BUDDYINFO));
    this.#atHand = new OpenFile(join(root, ZONEINFO));
  }

  read(): number {
    return pagesInZones(this.#zones.read()) + pagesAtHand(this.#atHand.read());
  }

  close(): void {
    this.#zones.close();
    this.#atHand.close();
  }
}

/** `Node 0, zone Normal 5 3 ...`: how many blocks of 1, 2, 4, ... pages are free. */
export function pagesInZones(buddyinfo: string): number {
  let pages = 0;
  for (const [, blocks = ''] of buddyinfo.matchAll(/^Node \d+, zone +\S+ +(.+)$/gm)) {
    for (const [order, count] of blocks.trim().split(/ +/).entries()) pages += Number(count) * 2 ** order;
  }
  return pages;
}

export function pagesAtHand(zoneinfo: string): number {
  let pages = 0;
  for (const [, count] of zoneinfo.matchAll(/^ +count: +(\d+)$/gm)) pages += Number(count);
  return pages;
}

/** A file of /proc that is read again and again: opening it would take memory, too. */
class OpenFile {
  readonly #fd: number;
  #bytes = Buffer.allocUnsafeSlow(65_536);

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
  }

  read(): string {
    for (;;) {
      const length = readSync(this.#fd, this.#bytes, 0, this.#bytes.length, 0);
      if (length < this.#bytes.length) return this.#bytes.toString('latin1', 0, length);
      this.#bytes = Buffer.allocUnsafeSlow(length * 2);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** The kernel's unit of memory; 4 096 where it does not say. */
export const pageBytes = (root = '/'): number =>
  1024 * (numberIn(readText(join(root, 'proc/self/smaps')), /^KernelPageSize: +(\d+) kB/m) ?? 4);

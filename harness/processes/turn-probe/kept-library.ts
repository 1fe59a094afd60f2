import { existsSync, fstatSync, readSync, writeSync } from 'node:fs';

/**
 * A library that the first child of a run compiles and the later ones load, in a file without a name which they all inherit.
 * Behind the library stands what compiled it, in a line of fixed length: a loader does not look there, and a file without
 * it is not whole.
 */

const MARK = '\nmade by ';
const LINE_BYTES = 128;

/** What compiled the library in this file; null where there is none yet, or nobody could load it from an fd. */
export function keptCompiler(fd: number): string | null {
  const { size } = fstatSync(fd);
  if (size < LINE_BYTES || !existsSync('/proc/self/fd')) return null;
  const line = Buffer.alloc(LINE_BYTES);
  readSync(fd, line, 0, LINE_BYTES, size - LINE_BYTES);
  const text = line.toString('utf8');
  return text.startsWith(MARK) ? text.slice(MARK.length).trimEnd() : null;
}

/** Two that do so at once write the same. */
export function keep(fd: number, library: Uint8Array, compiler: string): void {
  const line = Buffer.alloc(LINE_BYTES, ' ');
  line.write(`${MARK}${compiler}`.slice(0, LINE_BYTES));
  writeSync(fd, Buffer.concat([library, line]), 0, library.byteLength + LINE_BYTES, 0);
}

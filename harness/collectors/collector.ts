import { readFileSync } from 'node:fs';

/** A number about a subject, read from outside; `null` where this machine does not say. */
export interface Collector {
  read(subject: Subject): number | null;
}

export interface Subject {
  readonly pid: number;
  /** The CPU that its measuring thread is pinned to. */
  readonly cpu: number | null;
  /** The processes that load it, if any. */
  readonly loadPids?: readonly number[];
}

/** A file of /proc or /sys, null when it is absent or may not be read. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ESRCH: the process ended; EOPNOTSUPP: pressure accounting is compiled in and switched off.
    if (code && ['ENOENT', 'EACCES', 'EPERM', 'ESRCH', 'EOPNOTSUPP', 'ENOTDIR'].includes(code)) return null;
    throw error;
  }
}

/** The first number that a pattern captures in a text. */
export const numberIn = (text: string | null, pattern: RegExp): number | null => {
  const found = text === null ? null : pattern.exec(text)?.[1];
  return found === undefined || found === null ? null : Number(found);
};

import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryLock } from '../../pollers/libc/files.js';

const PREFIX = 'pollcost-scratch-';
const MOST_ATTEMPTS = 5;

/**
 * Lends a folder that is gone afterwards. It is locked for as long as this process uses it: one that nobody has locked was
 * left behind by a process that was killed, whatever its pid was and in whichever container, and goes with the next call.
 */
export function inScratchFolder<T>(work: (folder: string) => T): T {
  sweep();
  const { folder, lock } = lockedFolder();
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    closeSync(lock);
  }
}

function lockedFolder(attempts = 1): { folder: string; lock: number } {
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  const lock = openSync(folder, 'r');
  // Another process may have taken it for one left behind, before it was locked. Some file systems have no locks.
  if ((tryLock(lock) && existsSync(folder)) || attempts === MOST_ATTEMPTS) return { folder, lock };
  closeSync(lock);
  rmSync(folder, { recursive: true, force: true });
  return lockedFolder(attempts + 1);
}

function sweep(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    const lock = openIfThere(folder);
    if (lock === null) continue;
    if (tryLock(lock)) remove(folder);
    closeSync(lock);
  }
}

/** Null where it has gone meanwhile, or is somebody else's. */
function openIfThere(folder: string): number | null {
  try {
    return openSync(folder, 'r');
  } catch {
    return null;
  }
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // A compiler that outlives its caller may still write into it: the next call tries again.
  }
}

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Replaces a file in one step: a reader finds the old one or the new one, never half of one. */
export function writeWhole(path: string, text: string): void {
  const fresh = `${path}.tmp`;
  try {
    const fd = openSync(fresh, 'w');
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

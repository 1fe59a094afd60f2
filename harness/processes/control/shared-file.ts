import { randomUUID } from 'node:crypto';
import { openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * An empty file without a name, for children that inherit it to share what they write there. It is gone with the last process that
 * has it open, however that ends.
 */
export class SharedFile {
  #fd: number | null | undefined;

  /** Null where no temporary file can be made: children do without. */
  get fd(): number | null {
    this.#fd ??= openNameless();
    return this.#fd;
  }
}

function openNameless(): number | null {
  const path = join(tmpdir(), `pollcost-${randomUUID()}`);
  try {
    const fd = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return fd;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return null;
  }
}

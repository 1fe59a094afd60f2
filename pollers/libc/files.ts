import { isLinux } from './system.js';

/** Files, by this system. */
type Files = Omit<typeof import('./bsd/files.js'), 'prepare'>;

const files: Files = await (isLinux ? import('./linux/files.js') : import('./bsd/files.js'));

export const {
  close,
  closeOnExec,
  closesOnExec,
  duplicateAtLeast,
  isOpen,
  moveAtLeast,
  openForReading,
  pipe,
  read,
  setNonBlocking,
  tryLock,
  WOULD_BLOCK,
  write,
} = files;

/** A non-blocking eventfd whose counter starts at 0; null where there is none. */
export const eventfd: (() => number) | null = isLinux ? (await import('./linux/files.js')).eventfd : null;

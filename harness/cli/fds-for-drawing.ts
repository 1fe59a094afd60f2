import { asTyped } from '../collectors/invocation.js';
import { hardFdLimit } from '../collectors/rights.js';

/** Drawing loads some hundred modules, many of them at once. */
export class TooFewFds extends Error {
  override readonly name = 'TooFewFds';
}

/** Measured with some to spare: what the drawing library opens at once. */
const FDS_NEEDED = 200;

/** Asked beforehand, because a module loader that runs out of fds reports anything but that. @throws TooFewFds */
export function requireFds(command: string): void {
  const limit = hardFdLimit('self');
  if (limit === null || limit >= FDS_NEEDED) return;
  throw new TooFewFds(
    `the report needs more open files than the limit of ${limit}; with 'ulimit -n 1024': ${asTyped(command)}`,
  );
}

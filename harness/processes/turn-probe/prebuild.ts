import { prebuildTwin } from './twin.js';

/** Compiles the C twin for good, beside this file: for a container, which then needs no compiler. */
const built = prebuildTwin();
if (!built.ok) {
  process.stderr.write(`${built.reason}\n`);
  process.exitCode = 1;
}

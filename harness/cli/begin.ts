import { openSync } from 'node:fs';
import { outliveOutput } from './standard-streams.js';

/** What every program that people start does first; imported for that alone. */

outliveOutput();

// Open until the program ends: scripts/build.sh removes no build whose file is. A package has none, and needs none.
try {
  openSync(new URL('../../.built', import.meta.url), 'r');
} catch {
  // Whatever the reason: the build is then kept for a while only.
}

import '../harness/cli/begin.js';
import { cascade } from './peers/cascade.js';
import { fixed, http } from './peers/servers.js';
import { measureGroups } from './self/groups.js';

/** `npm run bench:peers`: ours over what others use, loaded by turns. Exit code 1 when a figure misses its limit. */

/** One line per group. Names on the command line choose. */
await measureGroups({ fixed, http, cascade });

import '../harness/cli/begin.js';
import { binding } from './self/binding.js';
import { sharedFileTable } from './self/file-table.js';
import { measureGroups } from './self/groups.js';
import { herd } from './self/herd.js';
import { http } from './self/http.js';
import { bytes, heap, registration } from './self/probe-costs.js';
import { idleConnections, loop, server } from './self/server.js';
import { startUp } from './self/start-up.js';

/** `npm run bench:self`: what the harness itself costs. Exit code 1 when a figure misses its limit. */

/** One line per group. Names on the command line choose. */
await measureGroups({
  startUp,
  binding,
  sharedFileTable,
  heap,
  bytes,
  registration,
  server,
  http,
  idleConnections,
  loop,
  herd,
});

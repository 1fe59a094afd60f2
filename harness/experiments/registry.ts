import type { Experiment } from './experiment.js';
import { fileTable } from './file-table.js';
import { highestFd } from './highest-fd.js';
import { idle } from './idle.js';
import { limits } from './limits.js';
import { server } from './server.js';
import { watchedFds } from './watched-fds.js';

/** One line per experiment, in the order in which they run. */
export const experiments: readonly Experiment[] = [limits, watchedFds, highestFd, fileTable, idle, server];

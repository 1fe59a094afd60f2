import { acceptHerd } from './accept-herd.js';
import { cascade } from './cascade.js';
import { churn } from './churn.js';
import type { Experiment } from './experiment.js';
import { fewSockets } from './few-sockets.js';
import { fileTable } from './file-table.js';
import { highestFd } from './highest-fd.js';
import { idle } from './idle.js';
import { limits } from './limits.js';
import { memory } from './memory.js';
import { readyFds } from './ready-fds.js';
import { rearm } from './rearm.js';
import { server } from './server.js';
import { temperature } from './temperature.js';
import { watchedFds } from './watched-fds.js';
import { workloadGrid } from './workload-grid.js';

/** One line per experiment, in the order in which they run. */
export const experiments: readonly Experiment[] = [
  limits,
  watchedFds,
  highestFd,
  readyFds,
  fewSockets,
  workloadGrid,
  fileTable,
  temperature,
  memory,
  churn,
  cascade,
  rearm,
  acceptHerd,
  idle,
  server,
];

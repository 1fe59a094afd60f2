import { roomForThreads } from '../../collectors/room.js';
import { check, fine } from '../check.js';
import { THREADS_OF_A_CHILD } from '../machine.js';

/** Threads of one of our processes. */
const PER_PROCESS = THREADS_OF_A_CHILD;
/** The subject and its load; and all servers of the experiment server, each with its herd. */
const FOR_ANY = 3 * PER_PROCESS;
const FOR_ALL = 20 * PER_PROCESS;

export const processes = check({
  id: 'processes',
  group: 'rights',
  read: roomForThreads,
  judge(room, machine) {
    if (room === null) return fine('no limit on processes and threads');
    const finding = `room for ${room.left} more threads: ${room.limit}`;
    if (room.left >= FOR_ALL) return fine(finding);
    const all = machine.experiments.map(({ id }) => id);
    const few = room.left < FOR_ANY;
    return {
      state: few ? 'missing' : 'limited',
      finding: `${finding}; each process of bench takes about ${PER_PROCESS}`,
      consequence: few
        ? 'processes of bench do not start, or end with SIGABRT: launches fail'
        : 'server: launches with many servers at once may fail',
      command: machine.container ? 'docker run --pids-limit 4096 ...' : 'ulimit -u 4096',
      loses: few ? all : all.filter((id) => id === 'server'),
    };
  },
});

import { UNSHARE_OPTION } from '../../collectors/unshare.js';
import { check, fine } from '../check.js';
import { lossOf } from '../rehearsal.js';

export const fileTable = check({
  id: 'file-table',
  group: 'rights',
  read: ({ probe }) => (probe.ok ? probe.facts : null),
  judge(facts, machine) {
    if (facts === null) return null;
    const { unshare } = facts;
    if (unshare.ok) return fine('private: unshare(CLONE_FILES) is allowed');
    const { text, experiments, severe } = lossOf(facts, { unshare, fileTable: 'shared' }, machine);
    return {
      state: severe ? 'missing' : 'limited',
      finding: `shared with Node's other threads: ${unshare.reason}`,
      consequence: `select and poll cost about 30 ns more per fd and call, as in any threaded program; ${text}`,
      command: machine.container ? `docker run ${UNSHARE_OPTION} ...` : null,
      loses: experiments,
    };
  },
});

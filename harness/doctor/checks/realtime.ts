import { asTyped } from '../../collectors/invocation.js';
import { asRoot } from '../../collectors/remedies.js';
import type { User } from '../../collectors/user.js';
import { check, fine } from '../check.js';

export const realtime = check({
  id: 'realtime',
  group: 'rights',
  read: ({ probe }) => (probe.ok ? probe.facts.realtime : null),
  judge(allowed, machine) {
    if (allowed === null) return null;
    if (allowed.ok) return fine('server and load may run before others on their CPUs (SCHED_FIFO)');
    return {
      state: 'limited',
      finding: `server and load wait for whoever else is on their CPUs: ${allowed.reason}`,
      consequence:
        'server: the slowest answers (latencyP99Us, latencyP999Us) contain stalls that others make',
      command: commandFor(machine),
    };
  },
});

function commandFor({ root, container }: User): string | null {
  if (container) return 'docker run --cap-add SYS_NICE ...';
  return root ? null : asRoot(`env "PATH=$PATH" ${asTyped('bench')}`, { root });
}

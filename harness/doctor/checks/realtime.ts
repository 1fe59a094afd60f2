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
    if (allowed.ok) return fine('the load, and a server, may run before others on their CPUs (SCHED_FIFO)');
    return {
      state: 'limited',
      finding: `the load waits for whoever else is on its CPU: ${allowed.reason}`,
      consequence:
        'server: beats leave late, the slowest answers (latencyP99Us, latencyP999Us) contain that, and no server is measured with real-time priority',
      command: commandFor(machine),
    };
  },
});

function commandFor({ root, container }: User): string | null {
  if (container) return 'docker run --cap-add SYS_NICE ...';
  return root ? null : asRoot(`env "PATH=$PATH" ${asTyped('bench')}`, { root });
}

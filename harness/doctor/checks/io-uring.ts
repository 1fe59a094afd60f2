import { asRoot } from '../../collectors/remedies.js';
import type { ProbeFacts } from '../../processes/turn-probe/protocol.js';
import { check, fine } from '../check.js';
import type { Machine } from '../machine.js';

/** What would change it, where a command does. */
function commandFor(reason: string, machine: Machine): string | null {
  if (reason.includes('kernel.io_uring_disabled is'))
    return asRoot('sysctl -w kernel.io_uring_disabled=0', machine);
  return reason.includes('locked memory') ? 'ulimit -l 65536' : null;
}

export const ioUring = check({
  id: 'io-uring',
  group: 'rights',
  read: ({ probe }: Machine) => (probe.ok ? probe.facts : null),
  judge(facts: ProbeFacts | null, machine) {
    if (facts === null) return null;
    const reason = facts.refused.io_uring;
    if (reason === undefined) return fine('rings of io_uring can be made');
    return {
      state: 'missing',
      finding: reason,
      consequence: '--pollers io_uring is refused, and its claims stay undecided',
      command: commandFor(reason, machine),
    };
  },
});

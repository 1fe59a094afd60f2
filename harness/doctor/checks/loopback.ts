import { asRoot } from '../../collectors/remedies.js';
import { check, fine } from '../check.js';
import { lossOf } from '../rehearsal.js';

export const loopback = check({
  id: 'loopback',
  group: 'sockets',
  read: ({ probe }) => (probe.ok ? probe.facts : null),
  judge(facts, machine) {
    if (facts === null) return null;
    const { loopback: tried } = facts;
    if (tried.ok) return fine('a connection to 127.0.0.1 is made');
    const { text, experiments } = lossOf(facts, { loopback: tried }, machine);
    return {
      state: 'missing',
      finding: tried.reason,
      consequence: text,
      command: asRoot('ip link set lo up', machine),
      loses: experiments,
    };
  },
});

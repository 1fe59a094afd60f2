import { remedyForTwin } from '../../collectors/remedies.js';
import { check, fine } from '../check.js';
import { lossOf } from '../rehearsal.js';

export const cCompiler = check({
  id: 'c-compiler',
  group: 'program',
  read: ({ probe }) => (probe.ok ? probe.facts : null),
  judge(facts, machine) {
    if (facts === null) return null;
    const { twin } = facts;
    if (twin.ok) return fine(twin.compiler);
    const { text, experiments } = lossOf(facts, { twin }, machine);
    return {
      state: 'missing',
      finding: twin.reason,
      consequence: `${text}; bindingNsPerTurn and netNsPerTurn, the cost of the binding and of a turn without it, are absent`,
      command: remedyForTwin(twin.reason, machine),
      loses: experiments,
    };
  },
});

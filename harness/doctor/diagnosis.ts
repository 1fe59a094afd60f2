import { raiseFdLimit } from '../collectors/remedies.js';
import type { User } from '../collectors/user.js';
import type { Check, Group, State } from './check.js';
import type { Machine } from './machine.js';

/** One line of `doctor`, as `--json` prints it. */
export interface Diagnosis {
  readonly id: string;
  readonly group: Group;
  readonly state: State;
  readonly finding: string;
  readonly consequence: string | null;
  readonly command: string | null;
}

export interface Examination {
  readonly diagnoses: readonly Diagnosis[];
  /** Experiments of which every cell can be measured, and all that there are. */
  readonly whole: number;
  readonly experiments: number;
}

/** Makes every check that this system has a use for. */
export async function examine(
  machine: Machine,
  checks: readonly (() => Promise<Check>)[],
): Promise<Examination> {
  const lost = new Set<string>();
  const diagnoses: Diagnosis[] = [];
  for (const load of checks) {
    const check = await load();
    if (machine.platform !== 'linux' && !check.anywhere) continue;
    const found = check.look(machine);
    if (found === null) continue;
    const { id, group } = check;
    const { state, finding } = found;
    if (state === 'fine') {
      diagnoses.push({ id, group, state, finding, consequence: null, command: null });
      continue;
    }
    diagnoses.push({ id, group, state, finding, consequence: found.consequence, command: found.command });
    for (const experiment of found.loses ?? []) lost.add(experiment);
  }
  const { experiments } = machine;
  const whole = experiments.filter(({ id }) => !lost.has(id)).length;
  return { diagnoses, whole, experiments: experiments.length };
}

/** What is left to say where there are too few fds to load the checks. */
export const withoutFds = (user: User): Examination => ({
  diagnoses: [
    {
      id: 'fd-limit',
      group: 'sockets',
      state: 'missing',
      finding: `${user.fdLimit ?? 'too few'} fds: not enough to load this program`,
      consequence: 'nothing can be measured',
      command: raiseFdLimit(user),
    },
  ],
  whole: 0,
  experiments: 0,
});

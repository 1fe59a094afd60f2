import os from 'node:os';
import { allowedByGroup } from '../../collectors/cgroup.js';
import { asTyped } from '../../collectors/invocation.js';
import { check, type Finding, fine } from '../check.js';
import type { Machine } from '../machine.js';

interface Reading {
  /** CPUs of the machine, allowed or not. */
  readonly present: number;
  /** What the control group allows, as the kernel writes it; null: everything. */
  readonly group: string | null;
}

export const cpus = check({
  id: 'cpus',
  group: 'processor',
  read: (): Reading => ({ present: os.cpus().length, group: allowedByGroup() }),
  judge(reading, machine): Finding {
    const { cpus: allowed, probe } = machine;
    const [load] = allowed;
    const subject = allowed.at(-1);
    if (allowed.length > 1 && probe.ok && !probe.facts.pinned.ok) {
      return {
        state: 'limited',
        finding: `the subject cannot be pinned to CPU ${subject}: ${probe.facts.pinned.reason}`,
        consequence: 'it wanders between CPUs: every figure scatters more, slept turns most',
        command: null,
      };
    }
    if (allowed.length > 1)
      return fine(`${allowed.length} (${allowed.join(', ')}): subject on ${subject}, its load on ${load}`);
    return {
      state: 'limited',
      finding: `one CPU of ${reading.present} (${subject}): subject and load share it`,
      consequence:
        'nothing is pinned, and whoever sends interrupts what is measured: cells with timeout slept and all latencies are ' +
        'weaker, more rounds get the flag switches',
      command: moreCpus(reading, machine),
    };
  },
});

/** A process may widen its own affinity to what its control group allows. */
function moreCpus({ present, group }: Reading, { container }: Machine): string | null {
  if (present < 2) return null;
  const groupHasMore = group === null ? !container : /[-,]/.test(group);
  if (groupHasMore) return `taskset -c ${group ?? `0-${present - 1}`} ${asTyped('bench')}`;
  return container ? 'docker run --cpuset-cpus=0,1 ...' : null;
}

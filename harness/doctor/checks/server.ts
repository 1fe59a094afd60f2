import { isOutOfFds, remedyFor } from '../../collectors/remedies.js';
import { check, fine } from '../check.js';
import { lossOf } from '../rehearsal.js';

/** The experiments that have servers. */
const READERS = ['idle', 'server'];

export const server = check({
  id: 'server',
  group: 'program',
  read: (machine) => machine.server,
  judge(started, machine) {
    if (started.ok) return fine('a server of the app http starts');
    const { probe, experiments } = machine;
    // Where no process starts the probe has said so.
    if (!probe.ok || isOutOfFds(started.reason)) return null;
    const { webAssembly } = probe.facts;
    const loss = lossOf(probe.facts, { webAssembly }, machine);
    const readers = experiments.map(({ id }) => id).filter((id) => READERS.includes(id));
    return {
      state: 'missing',
      finding: `a server of the app http does not start: ${started.reason}`,
      consequence: loss.text || `${readers.join(', ')}: skipped`,
      command: webAssembly.ok ? remedyFor(started.reason, machine) : withWebAssembly(webAssembly.reason),
      loses: loss.text ? loss.experiments : readers,
    };
  },
});

function withWebAssembly(reason: string): string | null {
  if (/memory/i.test(reason)) return 'ulimit -v unlimited';
  return /jitless/.test(process.env.NODE_OPTIONS ?? '') ? 'unset NODE_OPTIONS' : null;
}

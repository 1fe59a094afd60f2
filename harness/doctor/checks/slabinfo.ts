import { existsSync } from 'node:fs';
import { kmemBytes, statSlabBytes } from '../../collectors/charged-memory.js';
import { slabinfoIsReadable } from '../../collectors/environment.js';
import { asTyped } from '../../collectors/invocation.js';
import { asRoot } from '../../collectors/remedies.js';
import type { User } from '../../collectors/user.js';
import { check, fine } from '../check.js';

/** The experiment that reads it. */
const READER = 'memory';

export const slabinfo = check({
  id: 'slabinfo',
  group: 'rights',
  read: () => ({
    exists: existsSync('/proc/slabinfo'),
    readable: slabinfoIsReadable(),
    charged: (statSlabBytes() ?? kmemBytes()) !== null,
  }),
  judge({ exists, readable, charged }, machine) {
    if (readable) return fine('/proc/slabinfo is readable');
    const finding = exists ? '/proc/slabinfo is closed to this user' : 'this kernel has no /proc/slabinfo';
    if (charged) return fine(`${finding}; what its memory cgroup is charged is read instead`);
    const reader = machine.experiments.find(({ id }) => id === READER);
    if (!reader) return fine(`${finding}; no experiment needs it`);
    const claims = machine.claims.filter(({ evidence }) => evidence.includes(READER)).map(({ id }) => id);
    const weaker = claims.length > 0 ? `; claims on computed bytes alone: ${claims.join(', ')}` : '';
    return {
      state: 'missing',
      finding,
      consequence: `${READER}: without source read: what the kernel takes is computed, not measured${weaker}`,
      command: exists && !machine.root ? commandFor(machine) : null,
      loses: [READER],
    };
  },
});

const commandFor = (user: User): string =>
  user.container ? 'docker run --user root ...' : asRoot(`env "PATH=$PATH" ${asTyped('bench')}`, user);

import { isCheckout } from '../../collectors/invocation.js';
import { install, isOutOfFds } from '../../collectors/remedies.js';
import type { Available } from '../../processes/control/messages.js';
import { type PythonModule, references } from '../../processes/references/references.js';
import { check, fine } from '../check.js';

/** The experiment that has them as series. */
const READER = 'server';

const pythonServer = (module: PythonModule) =>
  check({
    id: module,
    group: 'program',
    read: (): Available<{ version: string }> => references[module].available(),
    judge(found, machine) {
      if (found.ok) return fine(`${module} ${found.version}`);
      if (isOutOfFds(found.reason)) return null;
      const reader = machine.experiments.filter(({ id }) => id === READER).map(({ id }) => id);
      const lost = reader.map((id) => `${id}: without series ${module}`);
      if (isCheckout()) lost.push('npm run bench:peers: without its rows');
      return {
        state: 'missing',
        // What installs it stands below.
        finding: found.reason.replace(/: apt-get .*$/, ''),
        consequence: lost.join('; '),
        command: process.env.PYTHON ? 'unset PYTHON' : install(module, machine),
        loses: reader,
      };
    },
  });

export const tornado = pythonServer('tornado');
export const twisted = pythonServer('twisted');

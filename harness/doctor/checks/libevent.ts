import { spawnSync } from 'node:child_process';
import { install } from '../../collectors/remedies.js';
import { compilerCommand } from '../../processes/c-compiler.js';
import type { Available } from '../../processes/control/messages.js';
import { check, fine } from '../check.js';

const PROGRAM = '#include <event2/event.h>\n#include <event2/event-config.h>\nEVENT__VERSION\n';
const DEADLINE_MS = 20_000;

export const libevent = check({
  id: 'libevent',
  group: 'program',
  read: headers,
  judge(found, machine) {
    if (found === null) return null;
    if (found.ok) return fine(`libevent ${found.version}`);
    return {
      state: 'missing',
      finding: found.reason,
      consequence: "our loop is not compared with libevent's",
      command: install('libevent', machine),
    };
  },
});

/** The version of the headers that the C compiler finds; null without a compiler, which has a check of its own. */
function headers(): Available<{ version: string }> | null {
  const asked = compilerCommand();
  if (!asked.ok) return null;
  const [compiler = 'cc', ...options] = asked.command;
  const preprocessed = spawnSync(compiler, [...options, '-E', '-P', '-x', 'c', '-'], {
    input: PROGRAM,
    encoding: 'utf8',
    timeout: DEADLINE_MS,
  });
  if (preprocessed.error) return null;
  const version = /"(.+)"\s*$/.exec(preprocessed.stdout)?.[1];
  return preprocessed.status === 0 && version !== undefined
    ? { ok: true, version }
    : { ok: false, reason: 'the C compiler finds no headers of libevent' };
}

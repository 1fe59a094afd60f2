import '../harness/cli/begin.js';
import { table } from '../harness/cli/table.js';
import { namesIn, pick, UsageError, wholeNumber } from '../harness/cli/usage.js';
import { ChildFailure, startRegistrations } from '../harness/processes/control/parent.js';
import type { Endured } from '../harness/processes/registrations/protocol.js';
import { type PollerName, pollersHere } from '../pollers/manifest.js';
import { parseOptions } from './options.js';

/**
 * `npm run registrations`: a million registrations and cancellations on each poller, with waits and changes between them, which
 * have to leave nothing behind: no completion, no fd, no file that the kernel holds, no memory. Exit code 1 when they do.
 */

const MOST = 1e9;
const PATIENCE_MS = 60_000;
const MS_EACH = 0.05;

try {
  const { pollers, count } = asked(process.argv.slice(2));
  const endured = new Map<string, Endured>();
  for (const poller of pollers) endured.set(poller, await endure(poller, count));
  const failed = [...endured.values()].some(({ broken }) => broken.length > 0);
  const rows = [...endured].map(([poller, { registrations, seconds, grownBytes, broken }]) => {
    const grown = `${(grownBytes / 2 ** 20).toFixed(1)} MiB`;
    return [poller, String(registrations), seconds.toFixed(1), grown, broken.join('; ') || 'nothing'];
  });
  const head = ['poller', 'registrations', 'seconds', 'memory', 'left behind'];
  process.stdout.write(`${table(head, rows, process.stdout)}\n`);
  process.exitCode = failed ? 1 : 0;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`registrations: ${error.message}`);
  process.exitCode = 2;
}

/** In a process of its own. What it cannot do is what is broken. */
async function endure(poller: PollerName, count: number): Promise<Endured> {
  const child = startRegistrations();
  try {
    return await child.request('endure', { poller, count }, PATIENCE_MS + count * MS_EACH);
  } catch (error) {
    if (!(error instanceof ChildFailure)) throw error;
    return { registrations: 0, seconds: 0, grownBytes: 0, broken: [error.message] };
  } finally {
    await child.end();
  }
}

/** @throws UsageError */
function asked(args: string[]) {
  const { values } = parsed(args);
  const known = new Map(pollersHere.map((name) => [name, name]));
  return {
    pollers:
      values.pollers === undefined
        ? pollersHere
        : pick('poller', namesIn('--pollers', values.pollers), known),
    count: wholeNumber('--count', values.count, 1, MOST),
  };
}

function parsed(args: string[]) {
  return parseOptions({
    args,
    options: { pollers: { type: 'string' }, count: { type: 'string', default: '1000000' } },
  });
}

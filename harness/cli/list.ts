import { manifest, reasonNotOn } from '../../pollers/manifest.js';
import { claims } from '../claims/registry.js';
import { experiments } from '../experiments/registry.js';
import { nearest, UsageError } from './usage.js';

const lists: Record<string, () => readonly (readonly [name: string, line: string])[]> = {
  pollers: () =>
    Object.entries(manifest).map(([name, entry]) => {
      const elsewhere = reasonNotOn(entry, process.platform);
      return [name, elsewhere === undefined ? entry.line : `${entry.line} (not here: ${elsewhere})`];
    }),
  experiments: () => experiments.map(({ id, question }) => [id, question]),
  claims: () => claims.map(({ id, statement }) => [id, statement]),
};

/** Prints the names that other commands take, with one line each. @throws UsageError */
export function list(what: string | undefined, { json = false }: { json?: boolean }): void {
  const names = what === undefined ? Object.keys(lists) : [what];
  const chosen = names.map((name) => {
    const entries = lists[name];
    if (!entries) throw new UsageError(`there is no list of '${name}'${nearest(name, Object.keys(lists))}`);
    return [name, entries()] as const;
  });
  if (json) {
    const asObjects = chosen.map(([name, entries]) => [name, entries.map(([id, line]) => ({ id, line }))]);
    process.stdout.write(`${JSON.stringify(Object.fromEntries(asObjects), null, 1)}\n`);
    return;
  }
  for (const [index, [name, entries]] of chosen.entries()) {
    if (what === undefined) process.stdout.write(`${index > 0 ? '\n' : ''}${name}\n`);
    const width = Math.max(...entries.map(([id]) => id.length));
    for (const [id, line] of entries) process.stdout.write(`${id.padEnd(width)}  ${line}\n`);
  }
}

import { type MakePoller, manifest, type PollerName, type PollerOptions, reasonNotOn } from './manifest.js';
import { loadOwn } from './own.js';
import type { Poller } from './poller.js';

/** A process is told of a user's own pollers, by name and file, in this variable, as JSON. */
export const OWN_POLLERS_VARIABLE = 'POLLCOST_POLLERS';

const makers = new Map<PollerName, MakePoller>();
const refusals = new Map<PollerName, string>();

async function take(name: PollerName, load: () => Promise<MakePoller>): Promise<void> {
  try {
    makers.set(name, await load());
  } catch (error) {
    refusals.set(name, error instanceof Error ? error.message : String(error));
  }
}

for (const [name, entry] of Object.entries(manifest)) {
  const reason = reasonNotOn(entry, process.platform);
  if (reason === undefined) await take(name, entry.load);
  else refusals.set(name, reason);
}
const own = JSON.parse(process.env[OWN_POLLERS_VARIABLE] ?? '{}') as Record<PollerName, string>;
for (const [name, file] of Object.entries(own)) await take(name, () => loadOwn(file));

/** Those that run here, in the order of the manifest, a user's own last. */
export const loadedPollers: readonly PollerName[] = [...makers.keys()];

/** Those that do not, each with its reason. */
export const refusedPollers: ReadonlyMap<PollerName, string> = refusals;

/** @throws Error with the reason, for one that does not run here; what the poller's own making throws */
export function createPoller(name: PollerName, options: PollerOptions = {}): Poller {
  const make = makers.get(name);
  if (make) return make(options);
  throw new Error(`${name} cannot be used: ${refusals.get(name) ?? 'there is no such poller'}`);
}

import { manifest, OWN_POLLERS_VARIABLE, type PollerName, reasonNotOn } from './manifest.js';
import { loadOwn } from './own.js';
import type { MakePoller, Poller, PollerOptions } from './poller.js';

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

/** All that there are, whether or not they run here. */
export const offeredPollers: readonly PollerName[] = [...Object.keys(manifest), ...Object.keys(own)];

/** @throws Error with the reason, for one that does not run here; what the poller's own making throws */
export function createPoller(name: PollerName, options: PollerOptions = {}): Poller {
  const make = makers.get(name);
  if (make) return make(options);
  throw new Error(`${name} cannot be used: ${refusals.get(name) ?? 'there is no such poller'}`);
}

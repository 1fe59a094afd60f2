import type { PlanContext } from '../experiments/experiment.js';
import { type Child, startSpeeds } from '../processes/control/parent.js';
import type { SpeedsProtocol } from '../processes/speeds/protocol.js';

/** What the sentinel reads on the subject's CPU, in ns a pass, by turns with the load's CPU left alone and kept busy. */
export interface SpeedReadings {
  readonly alone: readonly number[];
  /** Null where there is no other CPU. */
  readonly besideBusy: readonly number[] | null;
}

const WINDOW_MS = 50;
/** The busy neighbour outlasts the window. */
const NEIGHBOUR_MS = 60;
const EVERY_MS = 0.25;
const DEADLINE_MS = 30_000;

/** Reads for about so many seconds. @throws ChildFailure */
export async function readSpeeds(cpus: PlanContext['cpus'], seconds: number): Promise<SpeedReadings> {
  const children: Child<SpeedsProtocol>[] = [];
  const startOn = async (cpu: number | null) => {
    const child = startSpeeds();
    children.push(child);
    await child.request('start', { cpu }, DEADLINE_MS);
    return child;
  };
  const alone: number[] = [];
  const besideBusy: number[] = [];
  try {
    const reader = await startOn(cpus?.subject ?? null);
    const neighbour = cpus && (await startOn(cpus.load));
    const read = async () =>
      (await reader.request('read', { ms: WINDOW_MS, everyMs: EVERY_MS }, DEADLINE_MS)).readings;
    const windows = Math.ceil((seconds * 1000) / (WINDOW_MS + NEIGHBOUR_MS));
    for (let window = 0; window < windows; window++) {
      alone.push(...(await read()));
      if (!neighbour) continue;
      const ask = { ms: NEIGHBOUR_MS, everyMs: NEIGHBOUR_MS };
      const [readings] = await Promise.all([read(), neighbour.request('read', ask, DEADLINE_MS)]);
      besideBusy.push(...readings);
    }
    return { alone, besideBusy: neighbour ? besideBusy : null };
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
}

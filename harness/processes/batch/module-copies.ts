import type { PollerName } from '../../../pollers/manifest.js';
import type { TurnSeries } from './protocol.js';

/** The copy of the measured code that belongs to a poller and a series. */
export type ModuleCopies<M> = (poller: PollerName, series: TurnSeries) => M;

/**
 * Imports the measured code once for every poller and series, so that V8 sees one class of poller in each copy, as in a
 * program that uses one poller.
 */
export async function copyModules<M>(
  names: readonly PollerName[],
  load: (copy: string) => Promise<M>,
): Promise<ModuleCopies<M>> {
  const copies = new Map<string, M>();
  for (const poller of names) {
    for (const series of ['pollcost', 'pollcost-again'] as const) {
      const name = nameOf(poller, series);
      copies.set(name, await load(name));
    }
  }
  return (poller, series) => {
    const copy = copies.get(nameOf(poller, series));
    if (!copy) throw new Error(`no copy of the measured code for ${nameOf(poller, series)}`);
    return copy;
  };
}

const nameOf = (poller: PollerName, series: TurnSeries): string => `${poller}/${series}`;

import { fdLimit, involuntarySwitches, pinThread } from '../../../pollers/libc/process.js';
import type { PollerName } from '../../../pollers/manifest.js';
import type { PairsProtocol, PairsVisit, TurnSample, TurnSeries } from '../batch/protocol.js';
import { closeInherited, makeFileTablePrivate } from '../file-table.js';
import { fdNumbers, Pool } from '../turn-probe/pool.js';
import type { Handlers } from './child.js';

/** What some repetitions took: CPU time to calibrate by, and what becomes the sample. */
export interface Measured {
  readonly cpuNs: number;
  readonly turns: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Measures repetitions of a visit's work on a pool of pairs, in one series, after `leadIn` repetitions that do not
 * count. What it registers it unregisters.
 */
export type MeasurePairs<C> = (
  pool: Pool,
  visit: PairsVisit<C>,
  series: TurnSeries,
  repetitions: { readonly leadIn: number; readonly count: number },
) => Measured;

/** Work after which V8 has compiled a closure. */
export interface WarmUp<C> {
  readonly conditions: C;
  readonly repetitions: number;
}

/** How often this thread lost its CPU within what is measured: what happens while a visit is set up disturbs nothing. */
export const disturbance = { involuntarySwitches: 0 };

export function counted<T>(measured: () => T): T {
  const before = involuntarySwitches();
  const result = measured();
  disturbance.involuntarySwitches += involuntarySwitches() - before;
  return result;
}

/** A copy of the measured code for every poller and series, so that V8 sees one class of poller in each. */
export async function loadClosures<M>(
  names: readonly PollerName[],
  load: (name: string) => Promise<M>,
): Promise<(poller: PollerName, series: TurnSeries) => M> {
  const modules = new Map<string, M>();
  for (const poller of names) {
    for (const series of ['pollcost', 'pollcost-again']) {
      modules.set(`${poller}/${series}`, await load(`${poller}/${series}`));
    }
  }
  return (poller, series) => {
    const module = modules.get(`${poller}/${series}`);
    if (!module) throw new Error(`no closure for ${poller}/${series}`);
    return module;
  };
}

/** A process that holds pairs of sockets and measures visits to them, poller by poller on the same fds. */
export class PairsSubject<C> {
  readonly #measure: MeasurePairs<C>;
  readonly #warmUp: WarmUp<C>;
  #pool: Pool | null = null;
  #visits: readonly PairsVisit<C>[] = [];
  #repetitions: number[] = [];

  constructor(measure: MeasurePairs<C>, warmUp: WarmUp<C>) {
    this.#measure = measure;
    this.#warmUp = warmUp;
  }

  get pool(): Pool {
    if (!this.#pool) throw new Error('the pairs are not open yet');
    return this.#pool;
  }

  readonly handlers: Handlers<PairsProtocol<C>> = {
    start: ({ cpu, socket, pairs }) => {
      closeInherited();
      if (cpu !== null) pinThread(cpu);
      const { ok } = makeFileTablePrivate();
      this.#pool = new Pool(socket, pairs, fdNumbers(fdLimit().soft));
      return { fileTable: ok ? 'private' : 'shared' };
    },
    prepare: ({ visits, batchMs }) => {
      this.#visits = visits;
      this.#warmUpClosures();
      this.#repetitions = visits.map((visit) => this.#calibrate(visit, batchMs));
      return { repetitions: this.#repetitions };
    },
    round: ({ steps }) => {
      const before = disturbance.involuntarySwitches;
      const samples = steps.flatMap(({ visit, series }) => series.map((name) => this.#sample(visit, name)));
      return { samples, involuntarySwitches: disturbance.involuntarySwitches - before };
    },
  };

  #sample(index: number, series: TurnSeries): TurnSample {
    const visit = this.#visits[index];
    const count = this.#repetitions[index];
    if (!visit || count === undefined) throw new Error(`no visit ${index}`);
    const { turns, metrics } = this.#measure(this.pool, visit, series, {
      leadIn: Math.ceil(count / 10),
      count,
    });
    return { visit: index, series, turns, metrics };
  }

  #warmUpClosures(): void {
    const { conditions, repetitions } = this.#warmUp;
    for (const poller of new Set(this.#visits.map((visit) => visit.poller))) {
      const series = new Set(this.#visits.flatMap((visit) => (visit.poller === poller ? visit.series : [])));
      const visit = { poller, conditions, series: [...series] };
      for (const name of series) this.#measure(this.pool, visit, name, { leadIn: 0, count: repetitions });
    }
  }

  /** How many repetitions last `batchMs` of CPU time, with a tenth to spare. */
  #calibrate(visit: PairsVisit<C>, batchMs: number): number {
    const cpuNsOf = (count: number) =>
      Math.min(
        ...visit.series.map((series) => this.#measure(this.pool, visit, series, { leadIn: 0, count }).cpuNs),
      );
    let count = 1;
    let cpuNs = cpuNsOf(count);
    while (cpuNs < batchMs * 1e6) {
      count = Math.max(count + 1, Math.ceil(count * Math.min(8, (batchMs * 1.1e6) / cpuNs)));
      cpuNs = cpuNsOf(count);
    }
    return count;
  }
}

import { involuntarySwitches, pinThread } from '../../../pollers/libc/process.js';
import type { Handlers } from '../control/child.js';
import { makeFileTablePrivate } from '../file-table.js';
import { Pool } from './pool.js';
import type {
  BatchProtocol,
  BatchSample,
  BatchVisit,
  FdNumbers,
  StartProtocol,
  TurnSeries,
} from './protocol.js';
import { type Sentinel, UnitsLoop } from './sentinel.js';
import type { Scene, Workload } from './workload.js';

/** A quarter of a batch tells how many repetitions a whole one has. */
const FIRST_SHARE = 0.25;
/** A batch is to last also when it runs faster later. */
const SPARE = 1.1;

/** Holds a pool of sockets and measures batches of a workload on it, poller by poller on the same fds. */
export class BatchSubject<C> {
  readonly #workload: Workload<C>;
  readonly #numbers: FdNumbers;
  readonly #sentinel: Sentinel;
  #pool: Pool | null = null;
  #visits: readonly BatchVisit<C>[] = [];
  #repetitions: number[] = [];
  #switches = 0;

  constructor(workload: Workload<C>, numbers: FdNumbers, sentinel: Sentinel = new UnitsLoop()) {
    this.#workload = workload;
    this.#numbers = numbers;
    this.#sentinel = sentinel;
  }

  get pool(): Pool {
    if (!this.#pool) throw new Error('the pool is not open yet');
    return this.#pool;
  }

  readonly handlers: Handlers<BatchProtocol<C>> = {
    open: ({ socket, size }) => {
      this.#pool = new Pool(socket, size, this.#numbers);
      return { opened: size };
    },
    prepare: ({ visits, batchMs, sleptBatchMs, repetitions }) => {
      this.#visits = visits;
      this.#warmUp();
      this.#repetitions = visits.map((visit, index) => {
        const fixed = this.#workload.fixedRepetitions(visit.conditions, sleptBatchMs);
        const known = repetitions?.[index];
        if (known !== undefined && fixed === null) this.#measure(visit, visit.series, Math.ceil(known / 10));
        return known ?? fixed ?? this.#calibrate(visit, batchMs);
      });
      this.#warmSecondCopies();
      return { repetitions: this.#repetitions };
    },
    moveTo: ({ cpu }) => {
      pinThread(cpu);
      return {};
    },
    round: ({ steps }) => {
      this.#switches = 0;
      const samples = steps.flatMap(({ visit: index, series }) => {
        const visit = this.#visits[index];
        if (!visit) throw new Error(`no visit ${index}`);
        const measured = this.#measure(visit, series, this.#repetitions[index] as number);
        return measured.map((sample) => ({ visit: index, ...sample }));
      });
      return { samples, involuntarySwitches: this.#switches };
    },
  };

  #measure(
    visit: BatchVisit<C>,
    series: readonly TurnSeries[],
    repetitions: number,
  ): Omit<BatchSample, 'visit'>[] {
    const { conditions } = visit;
    const groups = this.#workload.sceneOfItsOwn(conditions) ? series.map((name) => [name]) : [series];
    const leadIn = this.#workload.leadIn(conditions, repetitions);
    return groups.flatMap((group) =>
      this.#workload.withScene(this.pool, visit, group, (scene) =>
        group.map((name) => this.#sample(scene, name, leadIn, repetitions)),
      ),
    );
  }

  /** One batch; what is read beside it is read here. */
  #sample(scene: Scene, series: TurnSeries, leadIn: number, repetitions: number): Omit<BatchSample, 'visit'> {
    if (leadIn > 0) scene.run(series, leadIn);
    const switchesBefore = involuntarySwitches();
    const before = this.#sentinel.read();
    const { turns, metrics } = scene.measure(series, repetitions);
    const after = this.#sentinel.read();
    this.#switches += involuntarySwitches() - switchesBefore;
    return { series, turns, speed: { before, after }, metrics };
  }

  /** How many repetitions of the first series last `batchMs` of CPU time. */
  #calibrate(visit: BatchVisit<C>, batchMs: number): number {
    const [first = 'pollcost'] = visit.series;
    return this.#workload.withScene(this.pool, visit, [first], (scene) => {
      const leadIn = this.#workload.leadIn(visit.conditions, 1);
      if (leadIn > 0) scene.run(first, leadIn);
      let repetitions = 1;
      let cpuNs = scene.run(first, repetitions);
      while (cpuNs < batchMs * FIRST_SHARE * 1e6) {
        repetitions *= 4;
        cpuNs = scene.run(first, repetitions);
      }
      repetitions = Math.ceil((repetitions * batchMs * 1e6) / cpuNs);
      cpuNs = scene.run(first, repetitions);
      return Math.max(repetitions, Math.ceil((repetitions * batchMs * SPARE * 1e6) / cpuNs));
    });
  }

  /** Lets V8 compile everything that is measured before anything is calibrated. */
  #warmUp(): void {
    const warmed = new Set<string>();
    for (const { poller, conditions } of this.#visits) {
      const key = `${poller} ${this.#workload.warmUpKey(conditions)}`;
      if (warmed.has(key)) continue;
      warmed.add(key);
      const used = this.#visits.flatMap((visit) => (visit.poller === poller ? visit.series : []));
      const series = [...new Set(used)].filter((name) => name !== 'c-twin' && name !== 'completion');
      this.#workload.warmUp(this.pool, { poller, conditions, series });
    }
  }

  /** What `pollcost-again` runs in few visits only would still be compiled when it counts. */
  #warmSecondCopies(): void {
    const visits = [...this.#visits.entries()].filter(([, { series }]) => series.includes('pollcost-again'));
    for (const [index, visit] of visits) {
      const visited = visits.filter(([, { poller }]) => poller === visit.poller).length;
      for (let left = this.#workload.secondCopyBatches(visit.conditions); left > 0; left -= visited)
        this.#measure(visit, ['pollcost-again'], this.#repetitions[index] as number);
    }
  }
}

/** Where a subject has nothing else to start with. */
export const startHandlers: Handlers<StartProtocol> = {
  start({ cpu }) {
    if (cpu !== null) pinThread(cpu);
    return { fileTable: makeFileTablePrivate().ok ? 'private' : 'shared' };
  },
};

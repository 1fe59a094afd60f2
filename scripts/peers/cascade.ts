import type { ChainConditions } from '../../harness/processes/cascade/protocol.js';
import { type Child, startCascade, startLibevent } from '../../harness/processes/control/parent.js';
import type {
  LibeventBackend,
  LibeventProtocol,
} from '../../harness/processes/references/libevent/protocol.js';
import { chooseCpus } from '../../harness/run/plan-context.js';
import { ratioInterval } from '../../harness/statistics/bootstrap.js';
import { median } from '../../harness/statistics/median.js';
import { pollerOf } from '../../pollers/manifest.js';
import { held, type Row, type SelfCost } from '../self/cost.js';
import { SELF_SEED } from '../self/turns.js';

const DEADLINE_MS = 120_000;
const LAUNCHES = 3;
const ROUNDS = 9;
/** As many as libevent's own benchmark makes. */
const CHAINS = 25;

interface Point {
  /** Ours waits with the same system call. */
  readonly backend: LibeventBackend;
  readonly pairs: number;
  /** The largest ratio to libevent. */
  readonly limit?: number;
}

const POINTS: readonly Point[] = [
  { backend: 'epoll', pairs: 100, limit: 1.15 },
  { backend: 'epoll', pairs: 4000, limit: 1.15 },
  { backend: 'poll', pairs: 1000, limit: 1 },
  // libevent's select ends at FD_SETSIZE: a checked fd_set aborts beyond.
  { backend: 'select', pairs: 400, limit: 1 },
];
const conditionsOf = ({ pairs }: Point): ChainConditions => ({ pairs, active: 1, writes: 100 });

/** Rounds of launches, both sides in the same ones; each figure is the median of the chains of one round. */
interface Sides {
  readonly cpu: { ours: number[][]; libevent: number[][] };
  readonly wall: { ours: number[][]; bench: number[][] };
}

const cpu = chooseCpus()?.subject ?? null;

/** Our loop and libevent, both pinned to the same CPU, taking turns. */
export const cascade: SelfCost = {
  title: 'cascade of -a 1 -w 100 on our loop over libevent, same rounds, registered anew before each chain',
  async measure() {
    const sides = POINTS.map(
      (): Sides => ({ cpu: { ours: [], libevent: [] }, wall: { ours: [], bench: [] } }),
    );
    const reasons = new Set<string>();
    for (let launch = 0; launch < LAUNCHES; launch++) {
      const ours = startCascade();
      const libevent = startLibevent();
      try {
        await ours.request('start', { cpu }, DEADLINE_MS);
        await ours.request('open', { socket: 'unix', size: mostPairs }, DEADLINE_MS);
        const { driver, bench } = await libevent.request('start', { cpu }, DEADLINE_MS);
        for (const found of [driver, bench]) if (!found.ok) reasons.add(found.reason);
        for (const [index, point] of POINTS.entries()) {
          await measurePoint(ours, libevent, point, sides[index] as Sides, driver.ok, bench.ok);
        }
      } finally {
        await ours.end();
        await libevent.end();
      }
    }
    return [
      ...POINTS.flatMap((point, index) => rowsOf(point, sides[index] as Sides)),
      ...[...reasons].map((reason) => ({ what: 'left out', figure: reason })),
    ];
  },
};

const mostPairs = Math.max(...POINTS.map(({ pairs }) => pairs));

async function measurePoint(
  ours: ReturnType<typeof startCascade>,
  libevent: Child<LibeventProtocol>,
  point: Point,
  { cpu: cpuSides, wall }: Sides,
  driver: boolean,
  bench: boolean,
): Promise<void> {
  const { backend } = point;
  const poller = pollerOf(backend);
  const conditions = conditionsOf(point);
  const own = () => ours.request('chains', { poller, conditions, count: CHAINS }, DEADLINE_MS);
  // Until V8 has compiled what it will compile.
  for (let warmUp = 0; warmUp < 4; warmUp++) await own();
  const launch = {
    ours: [] as number[],
    wall: [] as number[],
    libevent: [] as number[],
    bench: [] as number[],
  };
  for (let round = 0; round < ROUNDS; round++) {
    const { cpuNs, wallNs } = await own();
    launch.ours.push(median(cpuNs));
    launch.wall.push(median(wallNs));
    if (driver) {
      const theirs = await libevent.request('chains', { backend, conditions, count: CHAINS }, DEADLINE_MS);
      launch.libevent.push(median(theirs.cpuNs));
    }
    if (bench) {
      const { wallUs } = await libevent.request('bench', { backend, conditions }, DEADLINE_MS);
      launch.bench.push(median(wallUs) * 1000);
    }
  }
  cpuSides.ours.push(launch.ours);
  cpuSides.libevent.push(launch.libevent);
  wall.ours.push(launch.wall);
  wall.bench.push(launch.bench);
}

function rowsOf({ backend, pairs, limit }: Point, { cpu: cpuSides, wall }: Sides): Row[] {
  const rows: Row[] = [];
  const add = (what: string, ours: number[][], theirs: number[][]) => {
    if (theirs.flat().length === 0) return;
    const { value, low, high } = ratioInterval(ours, theirs, { seed: SELF_SEED });
    const us = (rounds: number[][]) => (median(rounds.flat()) / 1000).toFixed(0);
    const figure = `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}], ${us(ours)} over ${us(theirs)} us`;
    const label = `${pollerOf(backend)}, -n ${pairs}: ${what}`;
    rows.push(limit === undefined ? { what: label, figure } : held(label, figure, value, limit, ''));
  };
  add('CPU, C driver', cpuSides.ours, cpuSides.libevent);
  add("wall, libevent's bench", wall.ours, wall.bench);
  return rows;
}

import { startProbe } from '../../harness/processes/control/parent.js';
import { manifest, type PollerName, usualPollers } from '../../pollers/manifest.js';
import { held, type Row, type SelfCost } from './cost.js';

const DEADLINE_MS = 120_000;
const TURNS = 1_000_000;
const WATCHED = 10;
const GROWTH_LIMIT_KIB = 64;
/** What registering may cost more among many than among few. */
const FEW = 100;
const LARGEST_GROWTH = 2;

/** Runs in one fresh probe with as many sockets as it can hold. */
async function withFullProbe(
  use: (probe: ReturnType<typeof startProbe>, sockets: number, wide: readonly PollerName[]) => Promise<Row[]>,
) {
  const probe = startProbe();
  try {
    const { numbers, pollers } = await probe.request(
      'start',
      { cpu: null, fileTable: 'private', twin: false },
      DEADLINE_MS,
    );
    await probe.request('open', { socket: 'tcp', size: numbers.mostPairs }, DEADLINE_MS);
    const wide = usualPollers.filter((name) => (pollers[name]?.maxFd ?? 0) >= numbers.last);
    return await use(probe, numbers.mostPairs, wide);
  } finally {
    await probe.end();
  }
}

export const heap: SelfCost = {
  title: 'heap growth over a million turns',
  measure: () =>
    withFullProbe(async (probe) => {
      const rows: Row[] = [];
      for (const poller of usualPollers) {
        const { before, after } = await probe.request(
          'heapGrowth',
          { poller, watched: WATCHED, turns: TURNS },
          DEADLINE_MS,
        );
        const grown = (after - before) / 1024;
        rows.push(held(poller, `${grown.toFixed(1)} KiB`, grown, GROWTH_LIMIT_KIB, ' KiB'));
      }
      return rows;
    }),
};

export const bytes: SelfCost = {
  title: "bytes of a poller's own buffers",
  measure: () =>
    withFullProbe(async (probe, sockets, wide) => {
      const rows: Row[] = [];
      for (const poller of wide) {
        const { bytes: few } = await probe.request('userBytes', { poller, watched: 1 }, DEADLINE_MS);
        const { bytes: many } = await probe.request('userBytes', { poller, watched: sockets }, DEADLINE_MS);
        rows.push({ what: `${poller}, 1 and ${sockets} watched`, figure: `${few} and ${many} bytes` });
      }
      return rows;
    }),
};

export const registration: SelfCost = {
  title: 'register + unregister of one fd',
  measure: () =>
    withFullProbe(async (probe, sockets, wide) => {
      const rows: Row[] = [];
      for (const poller of wide) {
        const few: number[] = [];
        const many: number[] = [];
        for (let round = 0; round < 9; round++) {
          few.push((await probe.request('registrationNs', { poller, count: FEW }, DEADLINE_MS)).ns);
          many.push((await probe.request('registrationNs', { poller, count: sockets }, DEADLINE_MS)).ns);
        }
        const [among, amongFew] = [middle(many), middle(few)];
        const what = `${poller} at ${sockets} fds, over at ${FEW}`;
        const figure = `${among.toFixed(0)} ns, ${(among / amongFew).toFixed(2)} times`;
        if (manifest[poller]?.call === 'select') rows.push({ what, figure });
        else rows.push(held(what, figure, among / amongFew, LARGEST_GROWTH, ' times'));
      }
      return rows;
    }),
};

const middle = (figures: readonly number[]): number =>
  [...figures].sort((a, b) => a - b)[figures.length >> 1] ?? 0;

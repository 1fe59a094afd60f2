import type { MeasuredCell } from '../../harness/results/run-schema.js';
import { write, writeNumber } from '../figures.js';
import { Scroll } from './scroll.js';

/** The kernel's books, each with the metric that a cell has where it was open. */
const BOOKS = {
  persistentBytesBySlabinfo: '/proc/slabinfo',
  persistentBytesByMemoryStat: 'cgroup 2, memory.stat',
  persistentBytesByMemoryKmem: 'cgroup 1, memory.kmem',
} as const;
const books = Object.entries(BOOKS);

/** As far apart as two ways of counting the same bytes may be. */
const AGREE = 0.15;

interface Columns {
  readonly computed: readonly MeasuredCell[];
  readonly read: readonly MeasuredCell[];
}

const Way = ({ cell, metric, should }: { cell: MeasuredCell; metric: string; should: number }) => {
  const figure = cell.metrics[metric];
  if (!figure) return <td>—</td>;
  const apart = figure.value / should - 1;
  return (
    <td>
      {write(figure).value}
      <span class="reason">
        {apart > 0 ? '+' : ''}
        {writeNumber(apart * 100, 1)}
        {' %, '}
        {Math.abs(apart) <= AGREE ? 'agrees' : 'differs'}
      </span>
    </td>
  );
};

/** What watching takes of the kernel for good, by each of its books that was open, and which agree with what was computed. */
export const WaysOfReading = ({ computed, read }: Columns) => {
  const rows = read.flatMap((cell) => {
    const { watched, highestFd } = cell.factors;
    const twin = computed.find(
      ({ poller, factors }) =>
        poller === cell.poller && factors.watched === watched && factors.highestFd === highestFd,
    );
    const should = twin?.metrics.kernelPersistentBytes;
    const isRead = books.some(([metric]) => cell.metrics[metric]);
    return should && should.value > 0 && isRead ? [{ cell, should }] : [];
  });
  if (rows.length === 0) return null;
  const open = books.filter(([metric]) => rows.some(({ cell }) => cell.metrics[metric]));
  return (
    <>
      <h3>What stays in the kernel, by each of its books</h3>
      <p class="aside">
        Agrees: within 15 % of what was computed. A cgroup counts all that its processes take meanwhile, in
        version 1 by the page; slabinfo counts objects by their kind, of the whole machine. The pages of
        io_uring’s rings, which stand under user space here, are charged to memory.kmem as well, and so are
        for a moment those of the smaller rings that it outgrew.
      </p>
      <Scroll label="What stays in the kernel, by each way of reading">
        <table class="ledger numbers">
          <thead>
            <tr>
              <th scope="col" class="number wrap">
                watched fds
              </th>
              <th scope="col" class="label">
                Poller
              </th>
              <th scope="col" class="number wrap">
                computed
              </th>
              {open.map(([, name]) => (
                <th scope="col" class="number wrap">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ cell, should }) => (
              <tr>
                <th scope="row" class="number">
                  {writeNumber(Number(cell.factors.watched))}
                </th>
                <th scope="row" class="label">
                  {cell.poller}
                </th>
                <td>{write(should).value}</td>
                {open.map(([metric]) => (
                  <Way cell={cell} metric={metric} should={should.value} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
};

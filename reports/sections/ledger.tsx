import type { MeasuredCell, Run } from '../../harness/results/run-schema.js';
import { absence, levelsOf } from '../charts/cells.js';
import { ledgerCells, type Place, places } from '../charts/ledger-cells.js';
import { write, writeCount, writeNumber } from '../figures.js';
import { inOrder, type PollerId } from '../theme/pollers.js';
import { Scroll } from './scroll.js';
import { WaysOfReading } from './ways-of-reading.js';

/** Below so much, what was read is mostly what cannot be told apart. */
const LEAST_COMPARED_BYTES = 8 * 4096;
const names = Object.keys(places) as Place[];

/** "+2.4 %": read against computed. */
const agreement = (read: number, computed: number): string => {
  const apart = (read / computed - 1) * 100;
  return `${apart > 0 ? '+' : ''}${writeNumber(apart, 1)}\u00a0%`;
};

interface Entry {
  readonly computed: MeasuredCell | undefined;
  readonly read: MeasuredCell | undefined;
  readonly place: Place;
}

const Bytes = ({ computed, read, place }: Entry) => {
  const [should, is] = [computed?.metrics[place], read?.metrics[place]];
  if (!should && !is) return <td>—</td>;
  const written = is && write(is);
  return (
    <td>
      {should ? write(should).value : '—'}
      {written && is && (
        <>
          <span class="reason">
            read {written.value}
            {should && should.value >= LEAST_COMPARED_BYTES && `, ${agreement(is.value, should.value)}`}
          </span>
          {written.interval && <span class="reason interval">{written.interval}</span>}
        </>
      )}
    </td>
  );
};

interface LedgerTable {
  readonly counts: readonly number[];
  readonly computed: readonly MeasuredCell[];
  readonly read: readonly MeasuredCell[];
}

const CountRows = ({ watched, computed, read }: Omit<LedgerTable, 'counts'> & { watched: number }) => {
  const at = (cells: readonly MeasuredCell[], poller: PollerId) =>
    cells.find((cell) => cell.poller === poller && cell.factors.watched === watched);
  const pollers = inOrder(
    [...computed, ...read].filter(({ factors }) => factors.watched === watched).map(({ poller }) => poller),
  );
  return (
    <tbody>
      {pollers.map((poller, index) => (
        <tr>
          {index === 0 && (
            <th scope="rowgroup" rowSpan={pollers.length} class="number">
              {writeNumber(watched)}
            </th>
          )}
          <th scope="row" class="label">
            {poller}
          </th>
          {names.map((place) => (
            <Bytes place={place} computed={at(computed, poller)} read={at(read, poller)} />
          ))}
        </tr>
      ))}
    </tbody>
  );
};

const LedgerTable = ({ counts, computed, read }: LedgerTable) => (
  <Scroll label={`Ledger of ${counts.join(', ')} watched fds`}>
    <table class="ledger numbers">
      <thead>
        <tr>
          <th scope="col" class="number wrap">
            watched fds
          </th>
          <th scope="col" class="label">
            Poller
          </th>
          {names.map((place) => (
            <th scope="col" class="number wrap">
              {places[place]}
            </th>
          ))}
        </tr>
      </thead>
      {counts.map((watched) => (
        <CountRows watched={watched} computed={computed} read={read} />
      ))}
    </table>
  </Scroll>
);

/** Counts that stand open: one, ten, a hundred, and each at which something was read. */
const inSight = (counts: readonly number[], readAt: readonly number[], pollers: number): number[] => {
  const most = counts.at(-1);
  const wanted = new Set([1, 10, 100, 1000, most]);
  return counts.filter((count) => wanted.has(count) || (pollers > 0 && readAt.includes(count)));
};

const Disagreement = ({ run }: { run: Run }) => {
  const warning = run.warnings.find(({ code }) => code === 'ledger-disagrees');
  return warning ? (
    <div class="notice" role="note">
      <strong>The two ways of counting disagree by more than 15 %.</strong> {warning.message}.{' '}
      {warning.advice}
    </div>
  ) : null;
};

/** Memory by place, poller and count: computed from layouts, and beside it what was read of the running kernel. */
export const Ledger = ({ run }: { run: Run }) => {
  const [computed, read] = [ledgerCells(run, 'computed'), ledgerCells(run, 'read')];
  const counts = levelsOf([...computed, ...read], 'watched');
  const open = inSight(counts, levelsOf(read, 'watched'), read.length);
  const closed = counts.filter((count) => !open.includes(count));
  return (
    <section id="ledger">
      <h2>The ledger</h2>
      {counts.length === 0 ? (
        <p class="empty">Not shown: {absence(run, 'memory', 'ledger')}.</p>
      ) : (
        <>
          <p class="lead">
            <b>Computed, not measured</b>, unless it says read: what the structures of this kernel add up to.
          </p>
          <p class="aside">
            {read.length > 0
              ? 'Where something was read of the running kernel (its slab caches or what a memory cgroup is charged, and its free pages while a call blocks), it stands below, with its 95 % interval and how far it is from what was computed.'
              : 'Nothing was read of the running kernel in this run: only root may read its slab caches, and no memory cgroup counted.'}
          </p>
          <Disagreement run={run} />
          <LedgerTable counts={open} computed={computed} read={read} />
          {closed.length > 0 && (
            <details>
              <summary>The other {writeCount(closed.length, 'count')}</summary>
              <LedgerTable counts={closed} computed={computed} read={read} />
            </details>
          )}
          <WaysOfReading computed={computed} read={read} />
        </>
      )}
    </section>
  );
};

import type { Cell, Run } from '../../harness/results/run-schema.js';
import { writeCount, writeDuration, writeNumber } from '../figures.js';
import { inOrder } from '../theme/pollers.js';
import { Scroll } from './scroll.js';

type Unmeasured = Exclude<Cell, { status: 'measured' }>;

const isUnmeasured = (cell: Cell): cell is Unmeasured => cell.status !== 'measured';

/** Cells that share what happened to them and why, the largest group first. */
const byReason = (cells: readonly Unmeasured[]): Unmeasured[][] => {
  const groups = new Map<string, Unmeasured[]>();
  for (const cell of cells) {
    const key = `${cell.status}\n${cell.reason}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
};

const UnmeasuredCells = ({ cells }: { cells: readonly Unmeasured[] }) => (
  <>
    <h3>Cells without a figure</h3>
    <Scroll label="Cells without a figure, by reason">
      <table>
        <thead>
          <tr>
            <th scope="col">Reason</th>
            <th scope="col">Status</th>
            <th scope="col" class="number">
              Cells
            </th>
            <th scope="col">Pollers</th>
            <th scope="col">Experiments</th>
          </tr>
        </thead>
        <tbody>
          {byReason(cells).map((group) => (
            <tr>
              <th scope="row" class="prose">
                {group[0]?.reason}
              </th>
              <td class={`status ${group[0]?.status}`}>{group[0]?.status}</td>
              <td class="number">{writeNumber(group.length)}</td>
              <td>{inOrder(group.map(({ poller }) => poller)).join(', ')}</td>
              <td>{[...new Set(group.map(({ experiment }) => experiment))].join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  </>
);

/** What ran, how often and for how long, and which cells have no figure and why. */
export const Experiments = ({ run }: { run: Run }) => {
  const unmeasured = run.cells.filter(isUnmeasured);
  return (
    <section id="experiments">
      <h2>What ran</h2>
      {run.experiments.length === 0 ? (
        <p class="empty">No experiment was part of this run.</p>
      ) : (
        <Scroll label="Experiments">
          <table>
            <thead>
              <tr>
                <th scope="col">Experiment</th>
                <th scope="col">Status</th>
                <th scope="col" class="number">
                  Cells
                </th>
                <th scope="col" class="number">
                  Rounds
                </th>
                <th scope="col" class="number">
                  Launches
                </th>
                <th scope="col" class="number">
                  Time
                </th>
              </tr>
            </thead>
            <tbody>
              {run.experiments.map((experiment) => (
                <tr id={`experiment-${experiment.id}`}>
                  <th scope="row" class="code">
                    {experiment.id}
                  </th>
                  <td class="prose">
                    <span class={`status ${experiment.status}`}>{experiment.status}</span>
                    {experiment.status !== 'completed' && <span class="reason">{experiment.reason}</span>}
                  </td>
                  <td class="number">
                    {writeNumber(run.cells.filter((cell) => cell.experiment === experiment.id).length)}
                  </td>
                  <td class="number">{writeNumber(experiment.rounds)}</td>
                  <td class="number">{writeNumber(experiment.launches)}</td>
                  <td class="number">{experiment.seconds === 0 ? '—' : writeDuration(experiment.seconds)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <p class="aside">
        {writeCount(run.cells.length - unmeasured.length, 'cell')} measured, {writeNumber(unmeasured.length)}{' '}
        without a figure. A cell is one point of an experiment: a poller under one set of conditions.
      </p>
      {unmeasured.length > 0 && <UnmeasuredCells cells={unmeasured} />}
    </section>
  );
};

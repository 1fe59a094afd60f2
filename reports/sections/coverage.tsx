import type { Run } from '../../harness/results/run-schema.js';
import { writeNumber, writeValue } from '../figures.js';
import { Scroll } from './scroll.js';

const medianOf = (values: readonly number[]): number | undefined =>
  [...values].sort((a, b) => a - b)[values.length >> 1];

/** The noise floor by experiment, and how much was measured at full speed. */
const rowsOf = (run: Run) => {
  return run.experiments.map(({ id, rounds, launches }) => {
    const cells = run.cells.filter((cell) => cell.experiment === id);
    const measured = cells.filter(({ status }) => status === 'measured');
    const shares = measured.flatMap(({ metrics }) =>
      Object.values(metrics).flatMap(({ share }) => share ?? []),
    );
    const floors = (run.noise.floors ?? []).filter(({ experiment }) => experiment === id);
    return {
      ...{ id, rounds, launches, cells: cells.length, measured: measured.length },
      share: medianOf(shares),
      floor: floors[0] && floors[0].ratio.value - 1,
    };
  });
};

const percent = (value: number | undefined): string =>
  value === undefined ? '—' : `${writeNumber(value * 100, 1)} %`;

export const Coverage = ({ run }: { run: Run }) => (
  <section id="coverage">
    <h2>What was covered, and how well</h2>
    {run.experiments.length === 0 ? (
      <p class="empty">No experiment was part of this run.</p>
    ) : (
      <Scroll label="Coverage by experiment">
        <table class="sticky">
          <thead>
            <tr>
              <th scope="col">Experiment</th>
              <th scope="col" class="number">
                Cells measured
              </th>
              <th scope="col" class="number">
                Rounds
              </th>
              <th scope="col" class="number">
                Launches
              </th>
              <th scope="col" class="number">
                At full speed, median
              </th>
              <th scope="col" class="number">
                Identical pollers apart (root mean square)
              </th>
            </tr>
          </thead>
          <tbody>
            {rowsOf(run).map(({ id, cells, measured, rounds, launches, share, floor }) => (
              <tr>
                <th scope="row" class="code">
                  {id}
                </th>
                <td class="number">
                  {writeNumber(measured)} of {writeNumber(cells)}
                </td>
                <td class="number">{writeNumber(rounds)}</td>
                <td class="number">{writeNumber(launches)}</td>
                <td class="number">{percent(share)}</td>
                <td class="number">{percent(floor)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    )}
    {run.noise.fullSpeedNs !== null && (
      <p class="aside">
        A pass of the sentinel takes {writeValue(run.noise.fullSpeedNs, 'ns')} at full speed; up to 30 % more,
        half-way to what a busy neighbour makes of it, counts as that.
      </p>
    )}
  </section>
);

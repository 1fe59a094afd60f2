import type { Run } from '../../harness/results/run-schema.js';
import { writeNumber, writeValue } from '../figures.js';
import { Scroll } from './scroll.js';

const medianOf = (values: readonly number[]): number | undefined =>
  [...values].sort((a, b) => a - b)[values.length >> 1];

/** How far apart a cell and its identical second are at worst, by experiment, and how much was measured at full speed. */
const rowsOf = (run: Run) => {
  const byId = new Map(run.cells.map((cell) => [cell.id, cell]));
  return run.experiments.map(({ id, rounds, launches }) => {
    const cells = run.cells.filter((cell) => cell.experiment === id);
    const measured = cells.filter(({ status }) => status === 'measured');
    const shares = measured.flatMap(({ metrics }) =>
      Object.values(metrics).flatMap(({ share }) => share ?? []),
    );
    const apart = measured
      .filter(({ series }) => series === 'pollcost-again')
      .flatMap((again) => {
        const first = byId.get(again.id.replace('/pollcost-again/', '/pollcost/'))?.metrics.cpuNsPerTurn
          ?.value;
        const second = again.metrics.cpuNsPerTurn?.value;
        return first && second ? Math.abs(second / first - 1) : [];
      });
    return {
      ...{ id, rounds, launches, cells: cells.length, measured: measured.length },
      share: medianOf(shares),
      apart: apart.length > 0 ? Math.max(...apart) : undefined,
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
                Identical pollers apart, at most
              </th>
            </tr>
          </thead>
          <tbody>
            {rowsOf(run).map(({ id, cells, measured, rounds, launches, share, apart }) => (
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
                <td class="number">{percent(apart)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    )}
    {run.noise.fullSpeedNs !== null && (
      <p class="aside">
        Full speed is within 10 % of a pass of the sentinel in {writeValue(run.noise.fullSpeedNs, 'ns')}.
      </p>
    )}
  </section>
);

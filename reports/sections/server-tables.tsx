import { METRIC_RATIOS } from '../../harness/results/metrics.js';
import type { MeasuredCell, Run } from '../../harness/results/run-schema.js';
import { absence, levelsOf } from '../charts/cells.js';
import { isSaturated, ourServers, regimeInWords, sweeps } from '../charts/regimes.js';
import { write, writeCount, writeFactor } from '../figures.js';
import { inOrder, type PollerId } from '../theme/pollers.js';
import { Scroll } from './scroll.js';

const METRIC = 'cpuUsPerRequest';

const cellAt = (cells: readonly MeasuredCell[], poller: PollerId, idle: number) =>
  cells.find((cell) => cell.poller === poller && cell.factors.idle === idle);

const Cost = ({ cell }: { cell: MeasuredCell | undefined }) => {
  const figure = cell?.metrics[METRIC];
  if (!cell || !figure) return <td>—</td>;
  const { value, interval } = write(figure);
  return (
    <td>
      {value} <i>{interval}</i>
      {isSaturated(cell) && <span class="reason">saturated</span>}
    </td>
  );
};

/** Of the medians, between the fewest and the most connections that the poller was measured with. */
const growthOf = (cells: readonly MeasuredCell[], poller: PollerId): string => {
  const costs = levelsOf(cells, 'idle').flatMap((idle) => cellAt(cells, poller, idle)?.metrics[METRIC] ?? []);
  const [least, most] = [costs[0], costs.at(-1)];
  return least && most && costs.length > 1 && least.value > 0 ? writeFactor(most.value / least.value) : '—';
};

const CostTable = ({ cells }: { cells: readonly MeasuredCell[] }) => {
  const words = regimeInWords(cells[0]?.factors ?? {});
  const counts = levelsOf(cells, 'idle');
  return (
    <>
      <h3>{words}</h3>
      <Scroll label={`CPU time per request: ${words}`}>
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col" class="label">
                Poller
              </th>
              {counts.map((idle) => (
                <th scope="col" class="number">
                  {writeCount(idle, 'idle connection')}
                </th>
              ))}
              <th scope="col" class="number">
                last over first
              </th>
            </tr>
          </thead>
          <tbody>
            {inOrder(cells.map(({ poller }) => poller)).map((poller) => (
              <tr>
                <th scope="row" class="label">
                  {poller}
                </th>
                {counts.map((idle) => (
                  <Cost cell={cellAt(cells, poller, idle)} />
                ))}
                <td class="number">{growthOf(cells, poller)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
};

const besides = [
  ['idleNsPerFdSecond', 'one idle fd costs, per second'],
  ['cpuShare', 'CPU'],
  ['requestsPerSecond', 'requests'],
  ['latencyP99Us', 'p99'],
  ['senderUsPerRequest', 'the asking side, per request'],
  ['userBytesPerConnection', 'user memory per connection'],
  ['kernelBytesPerConnection', 'kernel memory per connection'],
  ['errors', 'errors'],
  ['lateBeats', 'late beats'],
] as const;

/** Everything else that was measured with the most connections of a sweep. */
const BesidesTable = ({ cells }: { cells: readonly MeasuredCell[] }) => {
  const most = Math.max(...levelsOf(cells, 'idle'));
  const there = cells.filter(({ factors }) => factors.idle === most);
  const shown = besides.filter(([metric]) => there.some(({ metrics }) => metrics[metric]));
  const words = regimeInWords(cells[0]?.factors ?? {});
  return (
    <>
      <h3>
        {words}, with {writeCount(most, 'idle connection')}
      </h3>
      <Scroll label={`Beside it: ${words}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Poller</th>
              {shown.map(([, heading]) => (
                <th scope="col" class="number">
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {inOrder(there.map(({ poller }) => poller)).map((poller) => (
              <tr>
                <th scope="row">{poller}</th>
                {shown.map(([metric]) => {
                  const figure = cellAt(there, poller, most)?.metrics[metric];
                  const written = figure && write({ ...figure, ratioKind: METRIC_RATIOS[metric] });
                  return (
                    <td class="number">
                      {written?.value ?? '—'} <span class="interval">{written?.interval}</span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
};

/** The table that the answer's strongest sentence asks for: poller by idle connections, in CPU time per request. */
export const ServerTables = ({ run }: { run: Run }) => {
  const groups = sweeps(ourServers(run).filter(({ metrics }) => metrics[METRIC] !== undefined));
  return (
    <section id="server-table">
      <h2>Poller by idle connections</h2>
      {groups.length === 0 ? (
        <p class="empty">Not shown: {absence(run, 'server', 'request at several counts')}.</p>
      ) : (
        <>
          <p class="aside">
            CPU time of the serving thread per request, with its 95 % interval. The load decides as much as
            the poller does: in closed loop a few connections ask again once they are answered, and a turn
            finds about one event; in open loop requests come at their own times, whether or not the server
            keeps up, and where no connection is idle a few share the rate. A server is called saturated where
            its loop found no time to sleep: before fewer than 5 % of its turns.
          </p>
          {groups.map((cells) => (
            <CostTable cells={cells} />
          ))}
          <details>
            <summary>Everything else with the most connections</summary>
            {groups.map((cells) => (
              <BesidesTable cells={cells} />
            ))}
          </details>
        </>
      )}
    </section>
  );
};

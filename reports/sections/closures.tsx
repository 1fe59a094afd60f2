import { CLOSES_WITHIN, type Closure, closuresOf } from '../../harness/model/closure.js';
import type { Estimate } from '../../harness/model/cost-model.js';
import type { Run } from '../../harness/results/run-schema.js';
import { regimeInWords } from '../charts/regimes.js';
import { write, writeNumber } from '../figures.js';
import { modelsOf } from '../models.js';
import { Scroll } from './scroll.js';

const percent = (share: number): string => `${writeNumber(share * 100)}\u00a0%`;

const Time = ({ estimate }: { estimate: Estimate }) => {
  const { value, interval } = write({ ...estimate, unit: 'ns' });
  return (
    <td class="number">
      {value} <span class="interval">{interval}</span>
    </td>
  );
};

const Row = ({ closure }: { closure: Closure }) => {
  const closes = Math.abs(closure.residual) <= CLOSES_WITHIN;
  return (
    <tr>
      <th scope="row" class="prose">
        {regimeInWords(closure.factors)}, app {closure.factors.app}
        {closure.isBeyondSleeps && (
          <span class="reason">
            its turns slept for longer or shorter than those of any cell; the nearest was taken
          </span>
        )}
      </th>
      <Time estimate={closure.predicted} />
      <Time estimate={closure.measured} />
      <td class="number">
        {closure.residual > 0 ? '+' : ''}
        {percent(closure.residual)}
      </td>
      <td class={`status ${closes ? 'completed' : 'failed'}`}>{closes ? 'yes' : 'no'}</td>
      <td class="number">
        {percent(closure.sleptShare.poll)}, {percent(closure.sleptShare.epoll)}
      </td>
    </tr>
  );
};

const unknown = [
  'how warm the caches of a live server are: hot cells are the kindest case, and a turn that slept is as cold as its rate makes it;',
  'what the handlers do to those caches between two turns; what a scan does to theirs it takes from messages between turns of cells;',
  'beyond 1\u202f000 watched fds, where the caches and not the loops decide;',
  'how turns mix: it knows the average number of events in a turn, not their spread;',
  'what the sending side pays, in whose CPU time epoll’s callback runs.',
];

/** Where the models meet a live server: the difference of poll and epoll in each turn, predicted and measured. */
export const Closures = ({ run }: { run: Run }) => {
  const closures = closuresOf(run, modelsOf(run));
  return (
    <section id="closure">
      <h2>Against the live server</h2>
      {closures.length === 0 ? (
        <p class="empty">
          Not shown: it takes the models, slept turns with 1&#8239;000 fds, and a server under poll and epoll
          with 1&#8239;000 idle connections.
        </p>
      ) : (
        <>
          <p class="aside">
            How much more CPU time a turn of the server takes under poll than under epoll, with 1&#8239;000
            idle connections: predicted from the server’s own counts of turns that slept and turns that did
            not, and measured. It closes when the two are within {percent(CLOSES_WITHIN)}.
          </p>
          <Scroll label="Predicted and measured differences">
            <table>
              <thead>
                <tr>
                  <th scope="col">Load</th>
                  <th scope="col" class="number">
                    predicted, poll − epoll
                  </th>
                  <th scope="col" class="number">
                    measured
                  </th>
                  <th scope="col" class="number">
                    residual
                  </th>
                  <th scope="col">closes</th>
                  <th scope="col" class="number">
                    turns that slept: poll, epoll
                  </th>
                </tr>
              </thead>
              <tbody>
                {closures.map((closure) => (
                  <Row closure={closure} />
                ))}
              </tbody>
            </table>
          </Scroll>
        </>
      )}
      <h3 class="after">What the model does not know</h3>
      <ul class="list">
        {unknown.map((each) => (
          <li>{each}</li>
        ))}
      </ul>
    </section>
  );
};

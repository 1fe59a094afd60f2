import { type CostModel, type Estimate, isAccepted, isIndistinct } from '../../harness/model/cost-model.js';
import { TERMS } from '../../harness/model/terms.js';
import type { Run } from '../../harness/results/run-schema.js';
import { write, writeNumber } from '../figures.js';
import { modelsOf } from '../models.js';
import { Scroll } from './scroll.js';

const percent = (share: number): string => `${writeNumber(share * 100, 1)}\u00a0%`;

const Coefficient = ({ estimate }: { estimate: Estimate | undefined }) => {
  if (!estimate) return <td class="number nothing">—</td>;
  const { value, interval } = write({ ...estimate, unit: 'ns' });
  return (
    <td class="number">
      {value} <span class="interval">{interval}</span>
      {isIndistinct(estimate) && <span class="reason wrap">not distinguishable from 0</span>}
    </td>
  );
};

const TermTable = ({ models }: { models: readonly CostModel[] }) => {
  const names = (Object.keys(TERMS) as (keyof typeof TERMS)[]).filter((name) =>
    models.some(({ terms }) => terms.has(name)),
  );
  return (
    <Scroll label="Terms of the cost models">
      <table>
        <thead>
          <tr>
            <th scope="col">Term</th>
            <th scope="col">Paid for</th>
            {models.map(({ poller }) => (
              <th scope="col" class="number">
                {poller}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr>
              <th scope="row" class="code">
                {name}
              </th>
              <td class="prose">{TERMS[name].inWords}</td>
              {models.map(({ terms }) => (
                <Coefficient estimate={terms.get(name)} />
              ))}
            </tr>
          ))}
          <tr>
            <th scope="row">Missed by</th>
            <td class="prose">on the half that was held out: median and 90th percentile</td>
            {models.map(({ heldOut }) => (
              <td class="number">
                {percent(heldOut.medianError)}, {percent(heldOut.p90Error)}
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">Verdict</th>
            <td class="prose">accepted up to 5 % and 15 %</td>
            {models.map((model) => (
              <td class={`number status ${isAccepted(model) ? 'completed' : 'failed'}`}>
                {isAccepted(model) ? 'accepted' : 'refused'}
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </Scroll>
  );
};

/** What each poller's turn is paid for, in ns a piece, and whether the model may be relied on. */
export const Models = ({ run }: { run: Run }) => {
  const models = modelsOf(run);
  return (
    <section id="models">
      <h2>The terms</h2>
      {models.length === 0 ? (
        <p class="empty">
          Not shown: a model needs turns with several counts of watched and ready fds, and this run measured
          too few of them.
        </p>
      ) : (
        <>
          <p class="aside">
            CPU time for each piece of a turn, with its 95 % interval, from hot turns on at most 1&#8239;000
            fds whose events come and are read. A term that these cells cannot tell apart from another is left
            out (—).
          </p>
          <TermTable models={models} />
        </>
      )}
    </section>
  );
};

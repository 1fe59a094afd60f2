import type { Run } from '../../harness/results/run-schema.js';
import { MAP_X, MAP_Y, refusalOf } from '../charts/crossover.js';
import { HEIGHT, PADDING, WIDTH } from '../charts/line-panel.js';
import { type Winner, winnerOf } from '../charts/winners.js';
import { write, writeFactor, writeNumber } from '../figures.js';
import { modelsOf } from '../models.js';
import {
  accepted,
  CHURNS_PER_100,
  gridOf,
  type Predicted,
  type Prediction,
  readyOf,
  refused,
  type Setting,
  TIMEOUTS,
  timeouts,
  WATCHED,
} from '../predictions.js';
import { colourOf, inOrder, shapeOf } from '../theme/pollers.js';
import { Scroll } from './scroll.js';

/** What is shown first, and without a script: fifty busy sockets. */
const FIRST: Setting = { watched: 50, ready: 25, churnPer100: 0, timeout: 'finite' };

const settingInWords = ({ watched, ready, churnPer100, timeout }: Setting): string =>
  `${writeNumber(watched)} watched, ${writeNumber(ready)} ready, ` +
  `${churnPer100 === 0 ? 'the set stays' : `${writeNumber(churnPer100)} replaced per 100 turns`}, ${TIMEOUTS[timeout]}`;

const written = ({ value, low, high }: Prediction) => write({ value, low, high, unit: 'ns' });

const SURE = 'is the cheapest.';
const UNSURE = 'is the cheapest by its middle value, but the intervals do not tell it from another.';

const winnerInWords = (winner: Winner | undefined): string =>
  winner ? `${winner.poller} ${winner.isSure ? SURE : UNSURE}` : '';

/** What the script needs, short: a setting is a word, its costs in ns by poller are `low,value,high`, and `!` says extrapolated. */
const packed = (grid: readonly Predicted[]): string =>
  grid
    .map(({ costs }) => {
      const winner = winnerOf({ costs });
      const each = costs.map(({ low, value, high, isExtrapolated }) => {
        const ends = [low, value, high].map((ns) => Number(ns.toPrecision(4)));
        return ends.join() + (isExtrapolated ? '!' : '');
      });
      return `${costs.findIndex(({ poller }) => poller === winner?.poller)}${winner?.isSure ? '' : '?'}:${each.join('/')}`;
    })
    .join(' ');

const CostRow = ({ cost, least, most }: { cost: Prediction; least: number; most: number }) => {
  const { poller, value, low, high, isExtrapolated } = cost;
  const { value: told, interval } = written(cost);
  const place = (ns: number) => Math.round((100 * ns) / most);
  return (
    <tr data-poller={poller}>
      <th scope="row">
        <svg class="sign" viewBox="-1.4 -1.4 2.8 2.8" aria-hidden="true">
          <path d={shapeOf(poller)} fill={colourOf(poller)} />
        </svg>{' '}
        {poller}
        <span class="reason beyond">{isExtrapolated ? 'extrapolated' : ''}</span>
      </th>
      <td class="number cost">{told}</td>
      <td class="number interval">{interval || '—'}</td>
      <td class="number factor">{value === least ? 'least' : writeFactor(value / least)}</td>
      <td>
        <svg class="cost-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
          <rect width={place(value)} height="10" fill={colourOf(poller)} opacity="0.6" />
          <path d={`M${place(low)},5H${place(high)}`} />
        </svg>
      </td>
    </tr>
  );
};

const CostTable = ({ costs }: { costs: readonly Prediction[] }) => {
  const least = Math.min(...costs.map(({ value }) => value));
  const most = Math.max(...costs.map(({ high }) => high));
  const order = inOrder(costs.map(({ poller }) => poller));
  const sorted = [...costs].sort((a, b) => order.indexOf(a.poller) - order.indexOf(b.poller));
  return (
    <Scroll label="Cost of a turn by poller">
      <table class="sticky costs">
        <thead>
          <tr>
            <th scope="col">Poller</th>
            <th scope="col" class="number">
              A turn costs
            </th>
            <th scope="col" class="number">
              95 % interval
            </th>
            <th scope="col" class="number">
              over the least
            </th>
            <th scope="col">Drawn</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((cost) => (
            <CostRow cost={cost} least={least} most={most} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
};

const Slider = ({ id, label, values, first }: SliderProps) => (
  <p>
    <label for={`explore-${id}`}>{label}</label>
    <input
      type="range"
      id={`explore-${id}`}
      name={id}
      min="0"
      max={values.length - 1}
      value={values.indexOf(first)}
      data-values={values.join()}
    />
    <output for={`explore-${id}`}>{writeNumber(first)}</output>
  </p>
);

interface SliderProps {
  readonly id: string;
  readonly label: string;
  readonly values: readonly number[];
  readonly first: number;
}

/** Shown by the script alone: without it they would do nothing. */
const Controls = () => (
  <form class="explore" hidden aria-label="Your workload">
    <Slider id="watched" label="fds that you watch" values={WATCHED} first={FIRST.watched} />
    <Slider id="ready" label="of them ready in a turn" values={readyOf(FIRST.watched)} first={FIRST.ready} />
    <Slider
      id="churn"
      label="registrations replaced per 100 turns"
      values={CHURNS_PER_100}
      first={FIRST.churnPer100}
    />
    <fieldset>
      <legend>The call</legend>
      {timeouts.map((timeout) => (
        <label>
          <input type="radio" name="timeout" value={timeout} checked={timeout === FIRST.timeout} />{' '}
          {TIMEOUTS[timeout]}
        </label>
      ))}
    </fieldset>
  </form>
);

const Refused = ({ run }: { run: Run }) => {
  const models = refused(run);
  return models.length === 0 ? null : (
    <ul class="list">
      {models.map((model) => (
        <li>Not shown: {refusalOf(model)}. It may not be relied on.</li>
      ))}
    </ul>
  );
};

/** What a turn of the reader's own costs each poller; one setting without a script, any with it. */
export const Explorer = ({ run }: { run: Run }) => {
  const grid = gridOf(run);
  const first = grid.find(({ setting }) => settingInWords(setting) === settingInWords(FIRST));
  return (
    <section id="explorer">
      <h2>A turn of yours</h2>
      {first === undefined ? (
        <p class="empty">
          Not shown:{' '}
          {modelsOf(run).length === 0
            ? 'it takes cost models, and this run measured too few cells for them.'
            : 'no cost model of this run is accepted.'}
        </p>
      ) : (
        <div
          class="explorer"
          data-map={[PADDING.left, PADDING.top, WIDTH, HEIGHT, ...MAP_X.domain, ...MAP_Y.domain].join()}
          data-pollers={first.costs.map(({ poller }) => poller).join()}
          data-says={[SURE, UNSURE].join('|')}
          data-ready={WATCHED.map((watched) => readyOf(watched).join()).join(' ')}
          data-grid={packed(grid)}
        >
          <Controls />
          <p class="aside setting">{settingInWords(first.setting)}</p>
          <p class="lead says" role="status">
            {winnerInWords(winnerOf(first))}
          </p>
          <CostTable costs={first.costs} />
          <p class="aside">
            CPU time of one wait and its walk, by the{' '}
            {accepted(run).length === 1 ? 'accepted model' : 'accepted models'} of this run, the same figures
            as <code>pollcost predict</code> prints. Your handlers come on top, and are usually dearer.
            “Extrapolated”: no cell of the run has as much of everything.
          </p>
        </div>
      )}
      <Refused run={run} />
    </section>
  );
};

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TERMS, type Timeout } from '../harness/model/terms.js';
import type { Run } from '../harness/results/run-schema.js';
import { charts } from './charts/registry.js';
import { regionsOf, winnerOf } from './charts/winners.js';
import { pages } from './pages/registry.js';
import { accepted, gridOf, type Prediction, readyOf, refused, turnOf, WATCHED } from './predictions.js';
import { renderPage } from './render.js';
import { emptyRun, exampleRun } from './testing/example-run.js';

const example = exampleRun();
/** The example, but for the cells of one poller that no line goes through. */
const run: Run = {
  ...example,
  cells: example.cells.map((cell, index) => {
    const cost = cell.metrics.cpuNsPerTurn;
    if (cell.poller !== 'poll' || cell.status !== 'measured' || !cost || index % 2 === 0) return cell;
    return { ...cell, metrics: { ...cell.metrics, cpuNsPerTurn: { ...cost, value: 2 * cost.value } } };
  }),
};

const cost = (poller: string, low: number, value: number, high: number): Prediction => ({
  ...{ poller, low, value, high },
  isExtrapolated: false,
});

test('every setting has what the accepted models predict for it, and no refused one', () => {
  const models = accepted(run);
  const names = (some: typeof models) => some.map(({ poller }) => poller);
  assert.ok(models.length > 1 && refused(run).length > 0, 'the example has both');
  for (const poller of names(refused(run))) assert.ok(!names(models).includes(poller));
  for (const { costs } of gridOf(run)) assert.equal(costs.length, models.length);
  for (const { setting, costs } of gridOf(run).filter((_, index) => index % 97 === 0)) {
    for (const [index, model] of models.entries()) {
      const { poller, value, low, high } = costs[index] as Prediction;
      assert.equal(poller, model.poller);
      assert.deepEqual({ value, low, high }, model.predict(turnOf(setting)));
    }
  }
});

test('a winner is sure where its interval lies below those of every other system call', () => {
  const winner = (...costs: Prediction[]) => winnerOf({ costs });
  const epoll = cost('epoll', 90, 100, 110);
  assert.deepEqual(winner(epoll, cost('poll', 120, 130, 140)), { poller: 'epoll', isSure: true });
  assert.deepEqual(winner(epoll, cost('poll', 105, 130, 140)), { poller: 'epoll', isSure: false });
  // The same call: they are not held against each other.
  assert.deepEqual(winner(epoll, cost('epoll-et', 95, 101, 120)), { poller: 'epoll', isSure: true });
  assert.equal(winner(), undefined);
});

test('the map leaves no hole and nothing overlaps: each count of watched fds is filled from one fd to all of them', () => {
  const at = gridOf(run).filter(({ setting }) => setting.timeout === 'finite' && setting.churnPer100 === 0);
  const regions = regionsOf(at);
  for (const watched of WATCHED.filter((count) => count > 1)) {
    const column = regions
      .filter(({ left, right }) => left <= watched && watched <= right)
      .sort((a, b) => a.bottom - b.bottom);
    assert.ok(Math.abs((column[0]?.bottom ?? 0) * watched - 1) < 1e-9, String(watched));
    assert.equal(column.at(-1)?.top, 1);
    for (const [index, { bottom }] of column.slice(1).entries()) assert.equal(bottom, column[index]?.top);
  }
});

test('the offered counts of ready fds rise from one to all of them', () => {
  for (const watched of WATCHED) {
    const counts = readyOf(watched);
    assert.equal(counts[0], 1);
    assert.equal(counts.at(-1), watched);
    assert.deepEqual(
      [...counts].sort((a, b) => a - b),
      counts,
    );
  }
});

const withoutModels = (): Run => emptyRun();

/** Figures that no model of these terms can follow. */
const withOddFigures = (): Run => ({
  ...run,
  cells: run.cells.map((cell, index) =>
    cell.status !== 'measured'
      ? cell
      : {
          ...cell,
          metrics: Object.fromEntries(
            Object.entries(cell.metrics).map(([name, figure]) => {
              const times = 1 + ((index * 7919) % 13);
              const { value, low, high } = figure;
              return [name, { ...figure, value: value * times, low: low * times, high: high * times }];
            }),
          ),
        },
  ),
});

test('without an accepted model the page and the map say which is refused, and by how much it missed', async () => {
  const odd = withOddFigures();
  assert.equal(accepted(odd).length, 0);
  const chart = charts.crossover(odd);
  assert.equal(chart.status, 'absent');
  assert.match(
    chart.status === 'absent' ? chart.reason : '',
    /the model of epoll is refused: .* it missed by/,
  );
  const html = await renderPage(pages.explore, odd);
  assert.match(html, /Not shown: no cost model of this run is accepted\./);
  assert.match(html, /the model of poll is refused/);
  assert.doesNotMatch(html, /<input/);
  assert.match(await renderPage(pages.explore, withoutModels()), /this run measured too few cells for them/);
});

test('what a setting asks is a turn that every term can count', () => {
  for (const timeout of ['zero', 'finite', 'infinite', 'slept'] satisfies Timeout[])
    for (const { of } of Object.values(TERMS))
      assert.ok(Number.isFinite(of(turnOf({ watched: 50, ready: 25, churnPer100: 10, timeout }))));
});

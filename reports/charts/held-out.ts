import { splitOf } from '../../harness/model/held-out.js';
import { modelsOf } from '../models.js';
import { type Axis, logAxis } from './axis.js';
import type { Chart, Point } from './chart.js';
import { linePanel } from './line-panel.js';

const TITLE = 'What the models say of cells that they have not seen';

/** Predicted over measured, cell by cell, for the cells that were kept from the fit of a model. */
export const heldOut: Chart = (run) => {
  const panels = modelsOf(run).map((model) => ({
    title: model.poller,
    points: splitOf(run, model.poller)
      .heldOut.map(({ turn, cpuNs }): Point => {
        const { value, low, high } = model.predict(turn);
        return {
          poller: model.poller,
          series: 'pollcost',
          x: cpuNs,
          value: value / cpuNs,
          low: low / cpuNs,
          high: high / cpuNs,
          unit: 'ratio',
          flags: [],
        };
      })
      .sort((a, b) => a.x - b.x),
  }));
  if (panels.length === 0) {
    return {
      status: 'absent',
      title: TITLE,
      reason: 'this run measured too few cells to fit a model to some and to try it on others',
    };
  }
  const all = panels.flatMap(({ points }) => points);
  const x: Axis = logAxis(
    'measured CPU time per turn',
    'time',
    all.map((point) => point.x),
  );
  const y: Axis = logAxis('predicted / measured', 'factor', [0.7, 1.4, ...all.map(({ value }) => value)]);
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'Whole numbers of fds and a whole experiment were kept from each model’s fit, by the seed of the run; here they are. On the dotted line prediction and measurement agree.',
    conditions:
      'hot caches · at most 1\u202f000 watched fds · readiness is consumed · 95\u00a0% intervals of the prediction',
    description: 'Predicted over measured cost of each held-out cell against what was measured, per poller.',
    panels: panels.map((panel) =>
      linePanel({ ...panel, metric: 'predicted / measured', x, y, reference: 1, scattered: true }),
    ),
  };
};

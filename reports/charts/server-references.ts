import type { Factors, MeasuredCell, Run } from '../../harness/results/run-schema.js';
import { writeCount } from '../figures.js';
import { type Axis, logAxis } from './axis.js';
import { conditionsOf } from './captions.js';
import { absence, groupedBut, inNanoseconds, rowsOf } from './cells.js';
import type { Chart } from './chart.js';
import { regimeInWords, serverCells } from './regimes.js';
import { rowPanel } from './row-panel.js';

const TITLE = 'Other servers under the same load';
const METRIC = 'cpuUsPerRequest';
const SERIES = ['pollcost', 'node:http', 'node:net', 'tornado', 'twisted'];

/** Each condition under which another server was measured, with ours beside it. */
const groupsOf = (run: Run): MeasuredCell[][] =>
  groupedBut(serverCells(run, (_, { metrics }) => metrics[METRIC] !== undefined)).filter((group) =>
    group.some(({ series }) => series !== 'pollcost'),
  );

const titleOf = (factors: Factors): string =>
  `${factors.app}, ${writeCount(Number(factors.idle), 'idle connection')}, ${factors.fileTable} file table. ${regimeInWords(factors)}`;

/** CPU time per request of node:http, node:net, Tornado and Twisted beside ours, each by what it waits with. */
export const serverReferences: Chart = (run) => {
  const groups = groupsOf(run);
  if (groups.length === 0) {
    return { status: 'absent', title: TITLE, reason: absence(run, 'server', 'other server') };
  }
  const panels = groups.map((group) => ({
    title: titleOf(group[0]?.factors ?? {}),
    points: inNanoseconds(
      rowsOf(
        group,
        METRIC,
        (_, { series }) => (series === 'pollcost-again' ? 'pollcost, once more' : series),
        (_, { series }) => SERIES.indexOf(series),
      ),
    ),
  }));
  // An interval that reaches down to next to nothing would take the axis with it.
  const ends = panels.flatMap(({ points }) =>
    points.flatMap(({ value, low, high }) => [value, Math.max(low, value / 10), high]),
  );
  const x: Axis = logAxis('CPU time per request', 'time', ends);
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'Servers in other languages and frameworks do other work for each request; compare the pollers within one row, not the ' +
      'rows. The sentences were about Twisted: its reactors answer for themselves, where it was measured.',
    conditions: conditionsOf(run, groups.flat(), METRIC),
    description: 'CPU time per request of other servers beside ours, by poller.',
    beside: 'another server',
    panels: panels.map((panel) => rowPanel({ ...panel, metric: METRIC, rowTitle: 'server', x })),
  };
};

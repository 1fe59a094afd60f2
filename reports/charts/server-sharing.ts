import { writeCount } from '../figures.js';
import { type Axis, logAxis } from './axis.js';
import { conditionsOf } from './captions.js';
import { absence, extentOf, groupedBut, inNanoseconds, rowsOf } from './cells.js';
import type { Chart } from './chart.js';
import { regimeInWords, serverCells } from './regimes.js';
import { rowPanel } from './row-panel.js';

const TITLE = 'What a threaded server pays besides';
const METRIC = 'cpuUsPerRequest';
const TABLES = ['private', 'shared'];

/** CPU time per request with a file table of one's own and with one that threads share. */
export const serverSharing: Chart = (run) => {
  const ours = serverCells(
    run,
    ({ app }, { series, metrics }) =>
      series === 'pollcost' && app === 'http' && metrics[METRIC] !== undefined,
  );
  const groups = groupedBut(ours, 'fileTable').filter(
    (group) => new Set(group.map(({ factors }) => factors.fileTable)).size > 1,
  );
  if (groups.length === 0) {
    return { status: 'absent', title: TITLE, reason: absence(run, 'server', 'server with both file tables') };
  }
  const panels = groups.map((group) => ({
    title: `${writeCount(Number(group[0]?.factors.idle), 'idle connection')}. ${regimeInWords(group[0]?.factors ?? {})}`,
    points: inNanoseconds(
      rowsOf(
        group,
        METRIC,
        ({ fileTable }) => `${fileTable} table`,
        ({ fileTable }) => TABLES.indexOf(String(fileTable)),
      ),
    ),
  }));
  const x: Axis = logAxis('CPU time per request', 'time', extentOf(panels.flatMap(({ points }) => points)));
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'Node’s own threads share the file table of the main thread, so a plain Node server is one of these; ours makes its ' +
      'table private first.',
    conditions: conditionsOf(run, groups.flat(), METRIC),
    description: 'CPU time per request with a private and with a shared file table, per poller.',
    panels: panels.map((panel) => rowPanel({ ...panel, metric: METRIC, rowTitle: 'file table', x })),
  };
};

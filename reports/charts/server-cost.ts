import { writeNumber } from '../figures.js';
import { type Axis, fromZero, logAxis } from './axis.js';
import { conditionsOf, growth, growthInWords } from './captions.js';
import { absence, extentOf, inNanoseconds, pointsOf } from './cells.js';
import type { Chart } from './chart.js';
import { linePanel } from './line-panel.js';
import { ourServers, regimeInWords, sweeps } from './regimes.js';

const TITLE = 'What a request costs a server, by how many idle connections it holds';
const METRIC = 'cpuUsPerRequest';

/** CPU time per request of a live server against the connections that it holds, one panel for each load. */
export const serverCost: Chart = (run) => {
  const groups = sweeps(ourServers(run).filter(({ metrics }) => metrics[METRIC] !== undefined));
  if (groups.length === 0) {
    return { status: 'absent', title: TITLE, reason: absence(run, 'server', 'request at several counts') };
  }
  const panels = groups.map((cells) => ({
    title: regimeInWords(cells[0]?.factors ?? {}),
    points: inNanoseconds(pointsOf(cells, METRIC, 'idle')),
  }));
  const all = panels.flatMap(({ points }) => points);
  const x = fromZero(
    'idle connections',
    'count',
    all.map((point) => point.x),
  );
  const y: Axis = logAxis('CPU time per request', 'time', extentOf(all));
  const told = panels.find(({ points }) => growth(points));
  const ends = told && growth(told.points);
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'A real server, held by a herd of connections of which few say anything at a time.' +
      (told && ends
        ? ` From ${writeNumber(ends.from)} to ${writeNumber(ends.to)} idle connections a request costs ` +
          `${growthInWords(told.points)}, under this load: ${told.title.toLowerCase()}.`
        : ''),
    conditions: `app http · ${conditionsOf(run, groups.flat(), METRIC)}`,
    description: 'CPU time per request against the number of idle connections, per poller and load.',
    panels: panels.map((panel) => linePanel({ ...panel, metric: METRIC, x, y })),
  };
};

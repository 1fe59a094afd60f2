import type { Factors } from '../../harness/results/run-schema.js';
import { writeCount, writeNumber } from '../figures.js';
import { type Axis, logAxis } from './axis.js';
import { conditionsOf } from './captions.js';
import { absence, cellsWith, extentOf, groupedBut, preferring, rowsOf } from './cells.js';
import type { Chart } from './chart.js';
import { rowPanel } from './row-panel.js';

const TITLE = 'The same turn hot, cold, and after sleep';
const METRIC = 'cpuNsPerTurn';

const labelOf = ({ timeout, temperature, wakesPerSecond }: Factors): string =>
  timeout === 'slept' ? `slept, ${writeNumber(Number(wakesPerSecond))} wakes/s` : String(temperature);

const titleOf = ({ watched }: Factors): string =>
  watched === 1 ? 'One watched fd, ready' : `${writeCount(Number(watched), 'watched fd')}, one of them ready`;

/** Hot first, then what finds its caches colder and colder. */
const placeOf = ({ timeout, temperature, wakesPerSecond }: Factors): number =>
  timeout === 'slept' ? 1 / Number(wakesPerSecond) : temperature === 'cold' ? 2 : 0;

/** CPU time of a turn with one fd ready: caches hot, caches evicted, and asleep before it at several rates. */
export const temperature: Chart = (run) => {
  const cells = preferring(
    preferring(
      cellsWith(run, { experiment: 'temperature', series: 'pollcost', metric: METRIC }),
      'fileTable',
      ['private', 'shared'],
    ),
    'socket',
    ['tcp', 'unix'],
  );
  if (cells.length === 0) {
    return { status: 'absent', title: TITLE, reason: absence(run, 'temperature', 'cost of a turn') };
  }
  const groups = groupedBut(cells, 'timeout', 'temperature', 'wakesPerSecond').sort(
    (a, b) => Number(a[0]?.factors.watched) - Number(b[0]?.factors.watched),
  );
  const panels = groups.map((group) => ({
    title: titleOf(group[0]?.factors ?? {}),
    points: rowsOf(group, METRIC, labelOf, placeOf),
  }));
  const x: Axis = logAxis('CPU time per turn', 'time', extentOf(panels.flatMap(({ points }) => points)));
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'Benchmarks repeat a turn until every cache is warm. A server sleeps between turns: it is woken, scans all again, and ' +
      'the rarer it wakes the colder it finds its caches.',
    conditions: conditionsOf(run, cells, METRIC),
    description: 'CPU time of one turn with hot caches, with cold ones and after sleeping, per poller.',
    panels: panels.map((panel) => rowPanel({ ...panel, metric: METRIC, rowTitle: 'condition', x })),
  };
};

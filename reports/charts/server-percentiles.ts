import { writeCount } from '../figures.js';
import { logAxis } from './axis.js';
import { conditionsOf } from './captions.js';
import { absence, extentOf, inNanoseconds, levelsOf } from './cells.js';
import type { Chart, Point } from './chart.js';
import { linePanel } from './line-panel.js';
import { openSweep, regimeInWords } from './regimes.js';

const TITLE = 'From the usual answer to the slowest of a thousand';
/** One answer in so many is slower. */
const SLOWER = { latencyP50Us: 2, latencyP90Us: 10, latencyP99Us: 100, latencyP999Us: 1000 } as const;

/** Latency against how rare a slower answer is, on logarithmic axes, with the fewest and with the most connections. */
export const serverPercentiles: Chart = (run) => {
  const cells = openSweep(run);
  const counts = levelsOf(cells, 'idle').filter((count) => count > 0);
  const ends = [...new Set([counts[0], counts.at(-1)].flatMap((count) => count ?? []))];
  const panels = ends
    .map((idle) => ({
      title: writeCount(idle, 'idle connection'),
      points: inNanoseconds(
        cells
          .filter(({ factors }) => factors.idle === idle)
          .flatMap(({ poller, series, flags, metrics }) =>
            Object.entries(SLOWER).flatMap(([metric, x]): Point[] => {
              const figure = metrics[metric];
              if (!figure) return [];
              const { value, low, high, unit } = figure;
              return [{ poller, series, flags, x, value, low, high, unit }];
            }),
          ),
      ),
    }))
    .filter(({ points }) => points.length > 0);
  if (panels.length === 0)
    return { status: 'absent', title: TITLE, reason: absence(run, 'server', 'latency under open load') };
  const x = logAxis('slower: one answer in', 'count', Object.values(SLOWER));
  const y = logAxis('from intended time on', 'time', extentOf(panels.flatMap(({ points }) => points)));
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'On the left the median, which half of the answers exceed; on the right what one in a thousand exceeds. A line that bends up ' +
      'at its end has a few answers that wait for something rare.',
    conditions: `${regimeInWords(cells[0]?.factors ?? {})} · ${conditionsOf(run, cells, 'latencyP50Us', 'wall time')}`,
    description:
      'Latency against how rare a slower answer is, per poller, with the fewest and the most idle connections.',
    panels: panels.map((panel) => linePanel({ ...panel, metric: 'latencyUs', x, y })),
  };
};

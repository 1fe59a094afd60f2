import { manifest } from '../../pollers/manifest.js';
import { type Predicted, readyOf, WATCHED } from '../predictions.js';
import { colourOf, type PollerId } from '../theme/pollers.js';
import type { Axis } from './axis.js';
import { type Layers, quantitative } from './channels.js';

/** Who is the cheapest at a setting, and whether that is sure. */
export interface Winner {
  readonly poller: PollerId;
  /** Its interval lies below those of all that make another system call. */
  readonly isSure: boolean;
}

const callOf = (poller: PollerId): string => manifest[poller]?.call ?? poller;

/** Two that make the same call are not held against each other: they cost about the same. */
export const winnerOf = ({ costs }: Pick<Predicted, 'costs'>): Winner | undefined => {
  const [best] = [...costs].sort((a, b) => a.value - b.value);
  if (!best) return undefined;
  const others = costs.filter(({ poller }) => callOf(poller) !== callOf(best.poller));
  return { poller: best.poller, isSure: others.every(({ low }) => low > best.high) };
};

interface Region extends Winner {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

const LEAST_SHARE = 1 / (WATCHED.at(-1) as number);

/** The middle between neighbours on a logarithmic axis; the outermost end where the axis does. */
const edges = (values: readonly number[], from: number, to: number): number[] =>
  [...values, to].map((value, index) =>
    index === 0 ? from : index === values.length ? to : Math.sqrt((values[index - 1] as number) * value),
  );

/** Where which poller is the cheapest, as rectangles: by watched fds across, by the share that is ready upwards. */
export const regionsOf = (settings: readonly Predicted[]): Region[] => {
  const counts = WATCHED.filter((count) => settings.some(({ setting }) => setting.watched === count));
  const across = edges(counts, counts[0] ?? 1, counts.at(-1) ?? 1);
  return counts.flatMap((watched, column) => {
    const ready = readyOf(watched);
    const up = edges(ready, ready[0] ?? 1, watched).map((count) => count / watched);
    const regions: Region[] = [];
    for (const [row, count] of ready.entries()) {
      const at = settings.find(({ setting }) => setting.watched === watched && setting.ready === count);
      const winner = at && winnerOf(at);
      if (!winner) continue;
      const last = regions.at(-1);
      const top = up[row + 1] as number;
      if (last?.poller === winner.poller && last.isSure === winner.isSure)
        regions[regions.length - 1] = { ...last, top };
      else
        regions.push({
          ...winner,
          ...{ left: across[column] as number, right: across[column + 1] as number },
          ...{ bottom: Math.max(LEAST_SHARE, up[row] as number), top },
        });
    }
    return regions.filter(({ left, right, bottom, top }) => right > left && top > bottom);
  });
};

/** The map behind the lines: each region in the colour of its winner, pale where that is not sure. */
export const regionLayers = (regions: readonly Region[], x: Axis, y: Axis): Layers => [
  {
    data: {
      values: regions.map(({ poller, isSure, ...ends }) => ({
        ...ends,
        ink: colourOf(poller),
        opacity: isSure ? 0.55 : 0.18,
      })),
    },
    mark: { type: 'rect', strokeWidth: 0 },
    encoding: {
      x: quantitative('left', x),
      x2: { field: 'right' },
      y: quantitative('bottom', y),
      y2: { field: 'top' },
      color: { field: 'ink', type: 'nominal', scale: null },
      opacity: { field: 'opacity', type: 'quantitative', scale: null },
    },
  },
];

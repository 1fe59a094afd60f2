import { inOrder } from '../theme/pollers.js';
import type { Axis } from './axis.js';
import type { Layers } from './channels.js';

interface Drawn {
  readonly poller: string;
  readonly series: string;
  readonly x: number;
  readonly value: number;
}

interface Label {
  readonly text: string;
  readonly left: number;
  readonly top: number;
}

const LINE = 13;
const MOST_LETTERS = 11;

/** Where a value lies on an axis, from 0 to 1. */
const placeOn = ({ scale, domain, linearTo = 1 }: Axis, value: number): number => {
  const at = (each: number) =>
    scale === 'log' ? Math.log(each) : scale === 'symlog' ? Math.log1p(each / linearTo) : each;
  const [low, high] = domain.map(at) as [number, number];
  return high > low ? (at(value) - low) / (high - low) : 0;
};

/** Moves labels apart that would lie on each other, as little as needed, within the height of the plot. */
const apart = (labels: readonly Label[], height: number): Label[] => {
  const sorted = [...labels].sort((a, b) => a.top - b.top);
  const tops: number[] = [];
  for (const { top } of sorted) tops.push(Math.max(top, (tops.at(-1) ?? -LINE) + LINE));
  for (let index = tops.length - 1, floor = height; index >= 0; index--, floor -= LINE)
    tops[index] = Math.min(tops[index] as number, floor);
  return sorted.map((label, index) => ({ ...label, top: tops[index] as number }));
};

/** The name of each poller where its own line ends. */
export const lineEnds = (
  shown: readonly Drawn[],
  x: Axis,
  y: Axis,
  { width, height }: { readonly width: number; readonly height: number },
): Label[] => {
  const labels = inOrder(shown.map(({ poller }) => poller)).flatMap((poller) => {
    const line = shown.filter((point) => point.poller === poller);
    const ours = line.filter(({ series }) => series === 'pollcost');
    const [end] = (ours.length > 0 ? ours : line).toSorted((a, b) => b.x - a.x);
    if (!end) return [];
    const text = poller.length <= MOST_LETTERS ? poller : `${poller.slice(0, MOST_LETTERS - 1)}.`;
    return [{ text, left: placeOn(x, end.x) * width + 8, top: (1 - placeOn(y, end.value)) * height }];
  });
  return apart(labels, height);
};

export const labelLayer = (labels: readonly Label[]): Layers => [
  {
    data: { values: [...labels] },
    mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: 11.5 },
    encoding: {
      x: { field: 'left', type: 'quantitative', scale: null, axis: null },
      y: { field: 'top', type: 'quantitative', scale: null, axis: null },
      text: { field: 'text', type: 'nominal' },
      color: { value: 'var(--ink)' },
    },
  },
];

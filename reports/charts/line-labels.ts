import { inOrder } from '../theme/pollers.js';
import type { Axis } from './axis.js';
import type { Layers } from './channels.js';

interface Drawn {
  readonly poller: string;
  readonly series: string;
  readonly x: number;
  readonly value: number;
}

export interface Label {
  readonly text: string;
  readonly left: number;
  readonly top: number;
}

const LINE = 13;
/** About as wide as a letter of this size is. */
const LETTER = 6.4;
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

interface Place {
  readonly x: number;
  readonly y: number;
}

/** The part of a plot that a label takes. */
const boxOf = ({ text, left, top }: Label) => ({
  left,
  right: left + text.length * LETTER,
  top: top - LINE / 2,
  bottom: top + LINE / 2,
});

/** Whether a label lies on a line, which goes from place to place. */
export const liesOnLine = (label: Label, line: readonly Place[]): boolean => {
  const box = boxOf(label);
  return line.some((from, index) => {
    const to = line[index + 1] ?? from;
    if (to.x < box.left || from.x > box.right) return false;
    const at = (x: number) =>
      to.x === from.x ? to.y : from.y + ((x - from.x) / (to.x - from.x)) * (to.y - from.y);
    const ends = [at(Math.max(from.x, box.left)), at(Math.min(to.x, box.right))];
    return Math.max(...ends) > box.top && Math.min(...ends) < box.bottom;
  });
};

export const lieOnEachOther = (one: Label, other: Label): boolean => {
  const [a, b] = [boxOf(one), boxOf(other)];
  return a.left < b.right && b.left < a.right && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
};

/** From its own place up and down, by steps of half a line, whichever is nearer. */
const OFFSETS = [
  0,
  ...Array.from({ length: 24 }, (_, index) => ((index >> 1) + 1) * (index % 2 === 0 ? -0.5 : 0.5)),
];

/** The nearest place above or below where a label lies on no line of others, and on no other label. */
const free = (
  label: Label,
  lines: readonly (readonly Place[])[],
  placed: readonly Label[],
  height: number,
): Label => {
  const places = OFFSETS.map((offset) => ({ ...label, top: label.top + offset * LINE })).filter(
    ({ top }) => top >= 0 && top <= height,
  );
  const isFree = (place: Label) =>
    !lines.some((line) => liesOnLine(place, line)) && !placed.some((other) => lieOnEachOther(place, other));
  return places.find(isFree) ?? label;
};

/**
 * The name of each poller where its own line ends. Those that end together are moved apart; where one ends before the
 * others do, its name keeps off their lines.
 */
export const lineEnds = (
  shown: readonly Drawn[],
  x: Axis,
  y: Axis,
  { width, height }: { readonly width: number; readonly height: number },
): Label[] => {
  const placeOf = (point: Drawn): Place => ({
    x: placeOn(x, point.x) * width,
    y: (1 - placeOn(y, point.value)) * height,
  });
  const ofPoller = inOrder(shown.map(({ poller }) => poller)).map((poller) => {
    const line = shown.filter((point) => point.poller === poller);
    const ours = line.filter(({ series }) => series === 'pollcost');
    const places = (ours.length > 0 ? ours : line).map(placeOf).sort((a, b) => a.x - b.x);
    const end = places.at(-1) as Place;
    const text = poller.length <= MOST_LETTERS ? poller : `${poller.slice(0, MOST_LETTERS - 1)}.`;
    return { places, label: { text, left: end.x + 8, top: end.y } };
  });
  const last = Math.max(...ofPoller.map(({ label }) => label.left));
  const isLast = ({ label }: { label: Label }) => label.left > last - 1;
  const placed = apart(
    ofPoller.filter(isLast).map(({ label }) => label),
    height,
  );
  for (const { label } of ofPoller.filter((each) => !isLast(each))) {
    const others = ofPoller.filter((each) => each.label !== label).map(({ places }) => places);
    placed.push(free(label, others, placed, height));
  }
  return placed;
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

import type { Effect } from '../../harness/results/run-schema.js';

const WIDTH = 120;
const EDGE = 5;

/** Where figures lie on a common line, `x` in the units of the picture. */
export interface IntervalScale {
  readonly x: (value: number) => number;
  /** Where two pollers are equal, if that is on the line. */
  readonly even: number | null;
}

/** One scale for all effects of a unit: ratios, which are above zero, by their logarithms. Null where there is nothing to compare. */
export const scaleOf = (effects: readonly Effect[]): IntervalScale | null => {
  const [first] = effects;
  if (!first || effects.length < 2 || first.unit === 'boolean') return null;
  const ends = effects.flatMap(({ low, high }) => [low, high]);
  const isLog = first.unit === 'ratio' && ends.every((end) => end > 0);
  const place = (value: number) => (isLog ? Math.log(value) : value);
  const [least, most] = [Math.min(...ends), Math.max(...ends)].map(place) as [number, number];
  if (!(most > least)) return null;
  const x = (value: number) => EDGE + ((place(value) - least) / (most - least)) * (WIDTH - 2 * EDGE);
  const isEvenShown = isLog && place(1) >= least && place(1) <= most;
  return { x, even: isEvenShown ? x(1) : null };
};

const tenths = (length: number): number => Math.round(length * 10) / 10;

/** The interval of an effect as a bar with its value on it, hollow where it does not decide. */
export const IntervalBar = ({ effect, scale }: { effect: Effect; scale: IntervalScale }) => {
  const [low, value, high] = [effect.low, effect.value, effect.high].map((end) => tenths(scale.x(end)));
  return (
    <svg class={effect.decides ? 'bar' : 'bar shown-only'} viewBox={`0 0 ${WIDTH} 14`} aria-hidden="true">
      {scale.even !== null && <path class="even" d={`M${tenths(scale.even)},0V14`} />}
      <path d={`M${low},7H${high}`} />
      <circle cx={value} cy="7" r="3" />
    </svg>
  );
};

import type { Effect } from '../../harness/results/run-schema.js';

const WIDTH = 120;
const EDGE = 6;

/** Where figures lie on a line, `x` in the units of the picture. */
export interface IntervalScale {
  readonly x: (value: number) => number;
}

/** A scale that shows an effect and the limits of its rule. Null where there is nothing to compare it with. */
export const scaleOf = ({ value, low, high, limits, unit }: Effect): IntervalScale | null => {
  const marks = [limits?.from, limits?.to].flatMap((end) => end ?? []);
  if (unit === 'boolean' || marks.length === 0) return null;
  const ends = [value, low, high, ...marks];
  const isLog = ends.every((end) => end > 0) && Math.max(...ends) > 3 * Math.min(...ends);
  const place = (each: number) => (isLog ? Math.log(each) : each);
  const [least, most] = [Math.min(...ends), Math.max(...ends)].map(place) as [number, number];
  const span = most - least || Math.abs(most) || 1;
  // Room beyond the outermost limit, for the side that is open.
  const [from, to] = [least - span * 0.3, most + span * 0.3];
  return { x: (each) => EDGE + ((place(each) - from) / (to - from)) * (WIDTH - 2 * EDGE) };
};

const tenths = (length: number): number => Math.round(length * 10) / 10;

/** The interval of an effect over what its rule allows, which is shaded; hollow where it does not decide. */
export const IntervalBar = ({ effect, scale }: { effect: Effect; scale: IntervalScale }) => {
  const [low, value, high] = [effect.low, effect.value, effect.high].map((end) => tenths(scale.x(end)));
  const { from, to } = effect.limits ?? {};
  const left = from === undefined ? 0 : tenths(scale.x(from));
  const right = to === undefined ? WIDTH : tenths(scale.x(to));
  return (
    <svg class={effect.decides ? 'bar' : 'bar shown-only'} viewBox={`0 0 ${WIDTH} 14`} aria-hidden="true">
      <rect class="inside" x={left} y="1" width={Math.max(1, tenths(right - left))} height="12" />
      {from !== undefined && <path class="limit" d={`M${left},0V14`} />}
      {to !== undefined && <path class="limit" d={`M${right},0V14`} />}
      <path d={`M${low},7H${high}`} />
      <circle cx={value} cy="7" r="3" />
    </svg>
  );
};

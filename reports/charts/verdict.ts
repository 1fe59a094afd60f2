import type { Claim, Effect, RatioKind, Unit } from '../../harness/results/run-schema.js';
import { type Axis, aroundZero, fromZero, logAxis } from './axis.js';
import { extentOf } from './cells.js';
import type { Absent, ChartSpec, Panel, Point } from './chart.js';
import { inSeries } from './effect-series.js';
import { inCommon, tellApart, titleOf } from './effect-words.js';
import { intervalPanel, type Row } from './interval-panel.js';
import { endsOf, limitsOf } from './limits.js';
import { linePanel } from './line-panel.js';

/** More rows than these are a table's, not a picture's. */
const MOST_ROWS = 16;

const NS_OF: Partial<Record<Unit, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

interface Kind {
  readonly labels: Axis['labels'];
  readonly axis: string;
}

const KIND_OF_RATIO: Readonly<Record<RatioKind, Kind>> = {
  share: { labels: 'share', axis: 'share' },
  exponent: { labels: 'count', axis: 'power' },
  fds: { labels: 'count', axis: 'fds' },
};

const kindOf = ({ unit, ratioKind }: Pick<Effect, 'unit' | 'ratioKind'>): Kind => {
  if (ratioKind !== undefined) return KIND_OF_RATIO[ratioKind];
  if (NS_OF[unit] !== undefined) return { labels: 'time', axis: 'time' };
  if (unit === 'bytes') return { labels: 'bytes', axis: 'bytes' };
  if (unit === 'ratio') return { labels: 'factor', axis: 'ratio' };
  if (unit === 'cores') return { labels: 'share', axis: 'share of a CPU' };
  return { labels: 'count', axis: unit === 'per_second' ? 'per second' : 'count' };
};

const asPoint = (effect: Effect, x: number): Point => {
  const { value, low, high, factors } = effect;
  const ns = NS_OF[effect.unit];
  const scale = ns ?? 1;
  return {
    poller: String(factors.poller ?? ''),
    series: factors.series === 'c-twin' ? 'c-twin' : 'pollcost',
    x,
    value: value * scale,
    low: low * scale,
    high: high * scale,
    unit: ns === undefined ? effect.unit : 'ns',
    ratioKind: effect.ratioKind,
    flags: [],
  };
};

/** A number that is one of several names, not a size: an errno. */
const isCode = ({ unit, limits }: Effect): boolean =>
  unit === 'count' && limits?.from !== undefined && limits.from === limits.to;

/** Those that decide first, and only as many of the others as there is room for. */
const inRows = (effects: readonly Effect[]): Panel[] => {
  const words = tellApart(effects);
  const told = effects.map((effect, index) => ({ effect, label: words[index] as string }));
  const units = [...new Set(effects.map((effect) => kindOf(effect).axis))];
  return units.flatMap((axis) => {
    const theirs = told.filter(
      ({ effect }) => kindOf(effect).axis === axis && effect.unit !== 'boolean' && !isCode(effect),
    );
    const ordered = [...theirs].sort((a, b) => Number(b.effect.decides) - Number(a.effect.decides));
    const rows: Row[] = ordered.slice(0, MOST_ROWS).map(({ effect, label }, index) => ({
      ...asPoint(effect, index),
      label,
      limits: effect.limits,
    }));
    const [first] = ordered;
    // A count by itself is no picture beside others.
    const isAlone = rows.length < 2 && !rows.some(({ limits }) => limits);
    if (!first || (isAlone && units.length > 1)) return [];
    const { labels } = kindOf(first.effect);
    return [intervalPanel({ title: TITLES[axis] ?? axis, metric: first.effect.name, rows, axis, labels })];
  });
};

const TITLES: Readonly<Record<string, string>> = {
  ratio: 'Ratios',
  share: 'Shares',
  power: 'Powers of the number of fds',
  fds: 'In watched fds',
  time: 'Times',
  bytes: 'Bytes',
  count: 'Counts',
  'share of a CPU': 'Shares of a CPU',
  'per second': 'Per second',
};

const COUNTED: readonly (readonly [factor: string, title: string])[] = [
  ['watched', 'watched fds'],
  ['idle', 'idle connections'],
  ['ready', 'ready fds'],
  ['active', 'active connections'],
];

const inLines = (claim: Claim): Panel[] => {
  const groups = new Map<string, Effect[]>();
  for (const { factors, effects } of inSeries(claim.effects).series) {
    const { series: _, ...conditions } = factors;
    const key = JSON.stringify([conditions, effects[0]?.unit]);
    groups.set(key, [...(groups.get(key) ?? []), ...effects]);
  }
  const decides = (effects: readonly Effect[]) => effects.some((effect) => effect.decides);
  const all = [...groups.values()];
  // What stands beside the rule is in the tables: dozens of pictures would hide those that decide.
  const drawn = claim.effects.some((effect) => effect.decides && effect.limits) ? all.filter(decides) : all;
  return drawn.flatMap((effects) => {
    const [counted, xTitle] = COUNTED.find(([factor]) => distinct(effects, factor) > 1) ?? [];
    if (!counted || !xTitle) return [];
    const points = effects
      .map((effect) => asPoint(effect, Number(effect.factors[counted])))
      .sort((a, b) => a.x - b.x);
    const limits = limitsOf(effects);
    const { labels, axis } = kindOf(effects[0] as Effect);
    const ends = [...extentOf(points), ...limits.flatMap(endsOf)];
    const xs = points.map(({ x }) => x);
    const isLog = Math.min(...points.map(({ value }) => value)) > 0;
    return [
      linePanel({
        title: titleOf(effects),
        metric: (effects[0] as Effect).name,
        points,
        x: Math.min(...xs) > 0 ? logAxis(xTitle, 'count', xs) : fromZero(xTitle, 'count', xs),
        y: isLog ? logAxis(axis, labels, ends) : aroundZero(axis, labels, ends),
        limits,
        // Several figures at one place differ in a second count: a line through them would say nothing.
        ...(areApart(points) ? {} : { scattered: true as const }),
      }),
    ];
  });
};

const areApart = (points: readonly Point[]): boolean =>
  new Set(points.map(({ series, x }) => `${series} ${x}`)).size === points.length;

const distinct = (effects: readonly Effect[], factor: string): number =>
  new Set(effects.map(({ factors }) => factors[factor])).size;

/** What a verdict rests on, as the rule read it: its own intervals, and the rule's limits drawn in. */
export const verdictChart = (claim: Claim): ChartSpec | Absent => {
  const title = 'What the rule read, and where it wants it';
  const { single, series } = inSeries(claim.effects);
  const inOwnRow = series.length > 0 ? single.filter(({ limits, decides }) => limits ?? decides) : single;
  const panels = [...inRows(inOwnRow), ...inLines(claim)];
  if (claim.effects.length === 0)
    return { status: 'absent', title, reason: 'this run has none of the figures that the rule needs' };
  if (panels.length === 0)
    return {
      status: 'absent',
      title,
      reason: 'its figures are answers of yes and no, and codes; the table has them',
    };
  const isRuled = claim.effects.some(({ limits }) => limits);
  return {
    status: 'drawn',
    title,
    caption: isRuled
      ? 'A figure supports the sentence where its whole interval lies in the shaded part, and denies it where it lies wholly outside; each end of the shade is a limit of the rule, fixed before measuring.'
      : 'The figures that the verdict rests on, with their 95\u00a0% intervals.',
    conditions: inCommon(claim.effects),
    description: `${claim.finding} Drawn are the figures of the verdict with their intervals${isRuled ? ' and the limits of the rule' : ''}.`,
    beside: 'the same from C',
    panels,
  };
};

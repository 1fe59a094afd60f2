import type { Claim, Effect } from '../../harness/results/run-schema.js';
import { type EffectSeries, inSeries } from '../charts/effect-series.js';
import { effectInWords, tellApart } from '../charts/effect-words.js';
import { write, writeCount, writeValue } from '../figures.js';
import { IntervalBar, scaleOf } from './interval-bar.js';
import { Scroll } from './scroll.js';

/** The limits of a rule in words: "at least 20×", "1.5× to 2.5×". */
export const limitsInWords = ({ limits, unit, ratioKind }: Effect): string => {
  const { from, to } = limits ?? {};
  const told = (end: number) => writeValue(end, unit, ratioKind);
  if (from !== undefined && to !== undefined)
    return from === to ? told(from) : `${told(from)} to ${told(to)}`;
  if (from !== undefined) return unit === 'boolean' ? told(from) : `at least ${told(from)}`;
  return to === undefined ? '' : `at most ${told(to)}`;
};

const BESIDE = 'shown beside, decides nothing';

interface EffectRow {
  readonly effect: Effect;
  readonly words: string;
  readonly plain: boolean;
  /** Whether the table says of all its figures that they decide nothing. */
  readonly isSaid: boolean;
}

const EffectRow = ({ effect, words, plain, isSaid }: EffectRow) => {
  const { value, interval } = write(effect);
  const scale = scaleOf(effect);
  return (
    <tr>
      <th title={effect.name}>
        {words}
        {!effect.decides && !isSaid && <span class="reason">{BESIDE}</span>}
      </th>
      <td>{value}</td>
      <td>{interval || '—'}</td>
      <td>{limitsInWords(effect) || '—'}</td>
      {plain || <td>{scale && <IntervalBar effect={effect} scale={scale} />}</td>}
      <td>{effect.n}</td>
    </tr>
  );
};

interface EffectTable {
  readonly effects: readonly Effect[];
  readonly label: string;
  /** Without pictures: where dozens stand, a chart has them. */
  readonly plain?: boolean;
}

/** Effects with their intervals and what their rule asks of them; each bar is drawn against its own limits. */
export const EffectTable = ({ effects, label, plain = false }: EffectTable) => {
  const words = plain ? tellApart(effects, []) : tellApart(effects);
  const isSaid = effects.length > 1 && effects.every(({ decides }) => !decides);
  return (
    <Scroll label={label}>
      <table class="sticky numbers effects">
        {isSaid && <caption class="reason">{BESIDE}</caption>}
        <thead>
          <tr>
            <th class="label">Figure</th>
            <th class="number">Value</th>
            <th class="number">95 % interval</th>
            <th>The rule wants</th>
            {plain || <th>Drawn</th>}
            <th class="number">Rounds</th>
          </tr>
        </thead>
        <tbody>
          {effects.map((effect, index) => (
            <EffectRow effect={effect} words={words[index] as string} plain={plain} isSaid={isSaid} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
};

const seriesInWords = ({ factors, effects }: EffectSeries): string =>
  effectInWords({ ...(effects[0] as Effect), factors });

/** "select over epoll: zero timeout (9 figures, 1.2× to 2.6×)". */
const summaryOf = (series: EffectSeries): string => {
  const { effects } = series;
  const ends = [...effects].sort((a, b) => a.value - b.value);
  const [least, most] = [ends[0], ends.at(-1)].map((effect) =>
    effect ? writeValue(effect.value, effect.unit, effect.ratioKind) : '',
  );
  return `${seriesInWords(series)} (${writeCount(effects.length, 'figure')}, ${least} to ${most})`;
};

/** A few effects in one table; of dozens, those that differ in numbers alone fold into one line each. */
export const AllEffects = ({ claim }: { claim: Claim }) => {
  const { single, series } = inSeries(claim.effects);
  return (
    <>
      {single.length > 0 && <EffectTable effects={single} label="All figures of this verdict" />}
      {series.map((each) => (
        <details class="series">
          <summary>{summaryOf(each)}</summary>
          <EffectTable plain effects={each.effects} label={`Figures: ${seriesInWords(each)}`} />
        </details>
      ))}
    </>
  );
};

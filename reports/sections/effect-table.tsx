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

const EffectRow = ({ effect, words, plain }: { effect: Effect; words: string; plain: boolean }) => {
  const { value, interval } = write(effect);
  const scale = scaleOf(effect);
  return (
    <tr>
      <th scope="row" title={effect.name} class="label prose">
        {words}
        {!effect.decides && <span class="reason">shown beside, decides nothing</span>}
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
  const words = tellApart(effects);
  return (
    <Scroll label={label}>
      <table class="sticky numbers">
        <thead>
          <tr>
            <th scope="col" class="label">
              Figure
            </th>
            <th scope="col" class="number">
              Value
            </th>
            <th scope="col" class="number">
              95 % interval
            </th>
            <th scope="col">The rule wants</th>
            {plain || <th scope="col">Drawn</th>}
            <th scope="col" class="number">
              Rounds
            </th>
          </tr>
        </thead>
        <tbody>
          {effects.map((effect, index) => (
            <EffectRow effect={effect} words={words[index] as string} plain={plain} />
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

import type { Claim, Effect } from '../../harness/results/run-schema.js';
import { chartsOfClaims } from '../charts/of-claims.js';
import { write, writeCount, writeValue } from '../figures.js';
import type { Shown } from '../pages/page.js';
import { type EffectSeries, inSeries } from './effect-series.js';
import { effectInWords } from './effect-words.js';
import { IntervalBar, type IntervalScale, scaleOf } from './interval-bar.js';
import { Scroll } from './scroll.js';
import { tellEffects } from './told-effects.js';
import { VerdictBadge } from './verdict-badge.js';

/** More than these stand in the details only: a rule may read dozens of effects. */
const EFFECTS_IN_SIGHT = 3;

const sources: readonly {
  readonly source: Claim['source'];
  readonly heading: string;
  readonly about: string;
}[] = [
  {
    source: 'answer',
    heading: 'From the answer',
    about: 'Sentences of a well-known StackOverflow answer on select, poll and epoll, in our words.',
  },
  {
    source: 'notes',
    heading: 'From the notes',
    about: 'Sentences of the notes on Tornado that retell it, in our words.',
  },
];

const EffectFigure = ({ effect }: { effect: Effect }) => {
  const { value, interval } = write(effect, effect.name);
  return (
    <span class="figure">
      <b>{value}</b> {interval && <span class="interval">{interval}</span>}
    </span>
  );
};

const DecidingEffects = ({ effects }: { effects: readonly Effect[] }) => {
  const deciding = effects.filter(({ decides }) => decides);
  const more = deciding.length - EFFECTS_IN_SIGHT;
  return (
    <dl class="effects">
      {deciding.slice(0, EFFECTS_IN_SIGHT).map((effect) => (
        <div>
          <dt>{effectInWords(effect)}</dt>
          <dd>
            <EffectFigure effect={effect} />
          </dd>
        </div>
      ))}
      {more > 0 && <p class="aside">and {writeCount(more, 'more deciding figure')} in the details</p>}
    </dl>
  );
};

const EffectRow = ({ effect, scale }: { effect: Effect; scale: IntervalScale | null }) => {
  const { value, interval } = write(effect, effect.name);
  return (
    <tr>
      <th scope="row" title={effect.name} class="prose">
        {effectInWords(effect)}
        {!effect.decides && <span class="reason">shown only</span>}
      </th>
      <td class="number">
        <data value={String(effect.value)}>{value}</data>
      </td>
      <td class="number">{interval || '—'}</td>
      <td>{scale && <IntervalBar effect={effect} scale={scale} />}</td>
      <td class="number">{effect.n}</td>
    </tr>
  );
};

/** Bars of the same unit have the same scale. */
const EffectTable = ({ effects, label }: { effects: readonly Effect[]; label: string }) => {
  const scales = new Map(
    effects.map(({ unit }) => [unit, scaleOf(effects.filter((effect) => effect.unit === unit))]),
  );
  return (
    <Scroll label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">Effect</th>
            <th scope="col" class="number">
              Value
            </th>
            <th scope="col" class="number">
              95 % interval
            </th>
            <th scope="col">drawn</th>
            <th scope="col" class="number">
              Rounds
            </th>
          </tr>
        </thead>
        <tbody>
          {effects.map((effect) => (
            <EffectRow effect={effect} scale={scales.get(effect.unit) ?? null} />
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
    effect ? writeValue(effect.value, effect.unit, effect.name) : '',
  );
  return `${seriesInWords(series)} (${writeCount(effects.length, 'figure')}, ${least} to ${most})`;
};

/** A few effects in one table; of dozens, those that differ in numbers alone fold into one line each. */
const AllEffects = ({ claim }: { claim: Claim }) => {
  const { single, series } = inSeries(claim.effects);
  return (
    <>
      {single.length > 0 && <EffectTable effects={single} label={`All effects of ${claim.id}`} />}
      {series.map((each) => (
        <details class="series">
          <summary>{summaryOf(each)}</summary>
          <EffectTable effects={each.effects} label={`Effects of ${claim.id}: ${seriesInWords(each)}`} />
        </details>
      ))}
    </>
  );
};

const Condition = ({ claim }: { claim: Claim }) => {
  if (claim.verdict === 'holds-when') {
    return (
      <p class="condition">
        <span>Holds when</span> {tellEffects(claim.condition, claim.effects)}
      </p>
    );
  }
  if (claim.verdict === 'undecided') {
    return (
      <p class="condition">
        <span>Missing:</span> {tellEffects(claim.missing, claim.effects)}
      </p>
    );
  }
  return null;
};

/** The experiments that a claim was judged on, with a link to those that this run has. */
const Evidence = ({ evidence, ran }: { evidence: readonly string[]; ran: ReadonlySet<string> }) =>
  evidence.length === 0
    ? 'no experiment'
    : evidence.map((experiment, index) => (
        <>
          {index > 0 && ', '}
          {ran.has(experiment) ? <a href={`#experiment-${experiment}`}>{experiment}</a> : experiment}
        </>
      ));

/** Where what decided is drawn. */
const ChartLinks = ({ claim, chartLink }: { claim: Claim } & Pick<Verdicts, 'chartLink'>) => {
  const links = (chartsOfClaims[claim.id] ?? []).map(chartLink).filter(({ isDrawn }) => isDrawn);
  return links.length === 0 ? null : (
    <ul class="see" aria-label="Charts of what decided">
      {links.map(({ href, title }) => (
        <li>
          <a href={href}>{title}</a>
        </li>
      ))}
    </ul>
  );
};

const ClaimRow = ({ claim, ran, chartLink }: { claim: Claim } & Pick<Verdicts, 'ran' | 'chartLink'>) => (
  <article class="claim" id={`claim-${claim.id}`}>
    <VerdictBadge verdict={claim.verdict} />
    <div class="claim-body">
      <h4>{claim.statement}</h4>
      <Condition claim={claim} />
      <ChartLinks claim={claim} chartLink={chartLink} />
    </div>
    <DecidingEffects effects={claim.effects} />
    <details>
      <summary>Why, and by which rule</summary>
      <p>{claim.explanation}</p>
      <p class="rule">
        <span class="label">Rule, version {claim.rule.version}, fixed before measuring</span>{' '}
        {claim.rule.text}
      </p>
      {claim.effects.length > 0 && <AllEffects claim={claim} />}
      <p class="aside">
        Claim <code>{claim.id}</code>, judged on <Evidence evidence={claim.evidence} ran={ran} />.
      </p>
    </details>
  </article>
);

interface Verdicts {
  readonly claims: readonly Claim[];
  /** The experiments of this run. */
  readonly ran: ReadonlySet<string>;
  readonly chartLink: Shown['chartLink'];
}

/** Every sentence with its verdict, what decided it, and why. */
export const Verdicts = ({ claims, ran, chartLink }: Verdicts) => (
  <section id="verdicts">
    <h2>The sentences and their verdicts</h2>
    {claims.length === 0 && (
      <p class="empty">
        No sentence has been judged: the experiments of this run decide none, or it ended before them.
      </p>
    )}
    {sources.map(({ source, heading, about }) => {
      const theirs = claims.filter((claim) => claim.source === source);
      return (
        theirs.length > 0 && (
          <div class="source">
            <h3>{heading}</h3>
            <p class="aside">{about}</p>
            {theirs.map((claim) => (
              <ClaimRow claim={claim} ran={ran} chartLink={chartLink} />
            ))}
          </div>
        )
      );
    })}
  </section>
);

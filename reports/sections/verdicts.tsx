import type { Claim, Effect } from '../../harness/results/run-schema.js';
import { inWords, write, writeCount } from '../figures.js';
import { Scroll } from './scroll.js';
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
          <dt>{inWords(effect.name)}</dt>
          <dd>
            <EffectFigure effect={effect} />
          </dd>
        </div>
      ))}
      {more > 0 && <p class="aside">and {writeCount(more, 'more deciding figure')} in the details</p>}
    </dl>
  );
};

const EffectTable = ({ claim }: { claim: Claim }) => (
  <Scroll label={`All effects of ${claim.id}`}>
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
          <th scope="col" class="number">
            Rounds
          </th>
          <th scope="col">Decides</th>
        </tr>
      </thead>
      <tbody>
        {claim.effects.map((effect) => {
          const { value, interval } = write(effect, effect.name);
          return (
            <tr>
              <th scope="row" class="code">
                {effect.name}
              </th>
              <td class="number">
                <data value={String(effect.value)}>{value}</data>
              </td>
              <td class="number">{interval || '—'}</td>
              <td class="number">{effect.n}</td>
              <td>{effect.decides ? 'yes' : 'shown only'}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  </Scroll>
);

const Condition = ({ claim }: { claim: Claim }) => {
  if (claim.verdict === 'holds-when') {
    return (
      <p class="condition">
        <span>Holds when</span> {claim.condition}
      </p>
    );
  }
  if (claim.verdict === 'undecided') {
    return (
      <p class="condition">
        <span>Missing:</span> {claim.missing}
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

const ClaimRow = ({ claim, ran }: { claim: Claim; ran: ReadonlySet<string> }) => (
  <article class="claim" id={`claim-${claim.id}`}>
    <VerdictBadge verdict={claim.verdict} />
    <div class="claim-body">
      <h4>{claim.statement}</h4>
      <Condition claim={claim} />
    </div>
    <DecidingEffects effects={claim.effects} />
    <details>
      <summary>Why, and by which rule</summary>
      <p>{claim.explanation}</p>
      <p class="rule">
        <span class="label">Rule, version {claim.rule.version}, fixed before measuring</span>{' '}
        {claim.rule.text}
      </p>
      {claim.effects.length > 0 && <EffectTable claim={claim} />}
      <p class="aside">
        Claim <code>{claim.id}</code>, judged on <Evidence evidence={claim.evidence} ran={ran} />.
      </p>
    </details>
  </article>
);

/** Every sentence with its verdict, what decided it, and why. `ran` names the experiments of this run. */
export const Verdicts = ({ claims, ran }: { claims: readonly Claim[]; ran: ReadonlySet<string> }) => (
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
              <ClaimRow claim={claim} ran={ran} />
            ))}
          </div>
        )
      );
    })}
  </section>
);

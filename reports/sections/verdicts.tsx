import type { Claim } from '../../harness/results/run-schema.js';
import { tellApart } from '../charts/effect-words.js';
import { write } from '../figures.js';
import type { Shown } from '../pages/page.js';
import { limitsInWords } from './effect-table.js';
import { IntervalBar, scaleOf } from './interval-bar.js';
import { Scroll } from './scroll.js';
import { decidingEffect, sidesOf } from './support.js';
import { VerdictBadge } from './verdict-badge.js';

const sources: Readonly<Record<Claim['source'], string>> = {
  answer: 'From the answer',
  notes: 'From the notes that retell it',
  asked: 'Beyond the answer',
};

const kinds: Readonly<Record<Claim['kind'], string>> = {
  measured: 'measured',
  read: 'read of the kernel',
  definition: 'by definition',
};

const DecidingFigure = ({ claim }: { claim: Claim }) => {
  const effect = decidingEffect(claim);
  if (!effect) return <td class="prose nothing">this run has not measured it</td>;
  const { value, interval } = write(effect);
  const words = tellApart(claim.effects)[claim.effects.indexOf(effect)];
  return (
    <td class="prose">
      <b>{value}</b> {interval && <span class="interval">{interval}</span>}
      <span class="reason">{words}</span>
      {claim.verdict === 'holds-when' && <Against claim={claim} />}
    </td>
  );
};

/** What holds under a condition has figures on the other side, too: the strongest of them. */
const Against = ({ claim }: { claim: Claim }) => {
  const [effect] = sidesOf(claim).against;
  if (!effect) return null;
  const words = tellApart(claim.effects)[claim.effects.indexOf(effect)];
  return (
    <span class="reason">
      the strongest against it: {write(effect).value}, {words}
    </span>
  );
};

const AgainstRule = ({ claim }: { claim: Claim }) => {
  const effect = decidingEffect(claim);
  const scale = effect ? scaleOf(effect) : null;
  return (
    <td>
      {effect && scale && <IntervalBar effect={effect} scale={scale} />}
      {effect && <span class="reason">{limitsInWords(effect)}</span>}
    </td>
  );
};

const Row = ({ claim, claimHref }: { claim: Claim } & Pick<Shown, 'claimHref'>) => (
  <tr id={`claim-${claim.id}`}>
    <th scope="row" class="sentence">
      <VerdictBadge verdict={claim.verdict} />
      <a href={claimHref(claim.id)}>{claim.statement}</a>
    </th>
    <DecidingFigure claim={claim} />
    <AgainstRule claim={claim} />
    <td>{kinds[claim.kind]}</td>
  </tr>
);

interface Verdicts extends Pick<Shown, 'claimHref'> {
  readonly claims: readonly Claim[];
}

/** Every sentence in one glance: its verdict, the figure that it turns on, and that figure against its rule. */
export const Verdicts = ({ claims, claimHref }: Verdicts) => (
  <section id="verdicts">
    <h2>The sentences and their verdicts</h2>
    {claims.length === 0 ? (
      <p class="empty">
        No sentence has been judged: the experiments of this run decide none, or it ended before them.
      </p>
    ) : (
      <>
        <p class="aside">
          Sentences of a well-known StackOverflow answer on select, poll and epoll, and of notes on Tornado
          that retell it, in our words. The answer: stackoverflow.com/questions/2032598, answer 2033785.
          Shaded in the bars is what the rule wants, fixed before measuring.
        </p>
        <Scroll label="Sentences and verdicts">
          <table class="verdicts sticky">
            <thead>
              <tr>
                <th scope="col">Verdict and sentence</th>
                <th scope="col">The figure that it turns on</th>
                <th scope="col">Against the rule</th>
                <th scope="col">Kind</th>
              </tr>
            </thead>
            {(Object.keys(sources) as Claim['source'][]).map((source) => {
              const theirs = claims.filter((claim) => claim.source === source);
              return theirs.length === 0 ? null : (
                <tbody>
                  <tr>
                    <th scope="rowgroup" colSpan={4}>
                      {sources[source]}
                    </th>
                  </tr>
                  {theirs.map((claim) => (
                    <Row claim={claim} claimHref={claimHref} />
                  ))}
                </tbody>
              );
            })}
          </table>
        </Scroll>
      </>
    )}
  </section>
);

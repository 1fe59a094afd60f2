import {
  claimsAcross,
  type SharedClaim,
  type SplitFacts,
  splitFacts,
} from '../../harness/results/across-runs.js';
import { type Headline, headlinesOf } from '../../harness/results/headlines.js';
import type { Claim, Run } from '../../harness/results/run-schema.js';
import { write, writeCount, writeList, writeNumber } from '../figures.js';
import { Scroll } from './scroll.js';
import { VerdictBadge, verdictWords } from './verdict-badge.js';

/** What several runs say, side by side: one row or column for each run, whatever their number. */
interface Runs {
  readonly runs: readonly Run[];
}

const nameOf = (index: number): string => (index === 0 ? 'first run' : `run ${index + 1}`);
const unreadable = 'not readable';

/** A run by the first thing in which it differs from the others. */
const Named = ({ different, index }: { different: SplitFacts['different']; index: number }) => {
  const [fact] = different;
  return (
    <>
      {nameOf(index)}
      {fact && (
        <small>
          {' '}
          {fact.what} {fact.values[index] ?? unreadable}
        </small>
      )}
    </>
  );
};

/** What the runs are: in what they differ, a row for each, and what is the same in all. */
export const RunFacts = ({ runs }: Runs) => {
  const { different, same } = splitFacts(runs);
  return (
    <section id="runs">
      <h2>The runs</h2>
      <Scroll label="The runs">
        <table class="sticky">
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col">Made</th>
              {different.map(({ what }) => (
                <th scope="col">{what}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map(({ id }, index) => (
              <tr>
                <th scope="row">{nameOf(index)}</th>
                <td class="code">{id}</td>
                {different.map(({ values }) => (
                  <td class="prose">{values[index] ?? unreadable}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="aside">
        {same.length === 0
          ? 'Nothing else is the same in all of them.'
          : `The same in all: ${same.map(({ what, value }) => `${what} ${value ?? unreadable}`).join('; ')}.`}
      </p>
    </section>
  );
};

const VerdictTable = ({ runs, shared, label }: Runs & { shared: readonly SharedClaim[]; label: string }) => (
  <Scroll label={label}>
    <table class="sticky">
      <thead>
        <tr>
          <th scope="col">Sentence</th>
          {runs.map((_, index) => (
            <th scope="col">{nameOf(index)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shared.map(({ statement, claims }) => (
          <tr>
            <th scope="row" class="prose">
              {statement}
            </th>
            {claims.map((claim) => (
              <td>{claim ? <VerdictBadge verdict={claim.verdict} /> : 'not judged'}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </Scroll>
);

/** How many runs say what of a sentence, with the number by which one of each kind decided. */
const Said = ({ claims }: { claims: readonly (Claim | null)[] }) => {
  const judged = claims.flatMap((claim, index) => (claim ? [{ claim, index }] : []));
  const verdicts = [...new Set(judged.map(({ claim }) => claim.verdict))];
  return (
    <ul>
      {verdicts.map((verdict) => {
        const saying = judged.filter(({ claim }) => claim.verdict === verdict);
        const who = writeList(saying.map(({ index }) => nameOf(index)));
        return (
          <li>
            <strong>{verdictWords(verdict)}</strong> ({who}): {saying[0]?.claim.finding}
          </li>
        );
      })}
    </ul>
  );
};

/** In one sentence, how far the runs agree. */
export const agreementOf = (runs: readonly Run[]): string => {
  const decided = claimsAcross(runs).filter((claim) => claim.decided > 0);
  const differing = decided.filter(({ differs }) => differs).length;
  return differing === 0
    ? `No two runs contradict each other in the ${writeCount(decided.length, 'sentence')} that any of them decided.`
    : `The runs contradict each other in ${writeNumber(differing)} of the ${writeCount(decided.length, 'sentence')} that any of them decided.`;
};

/** Those that differ first, with why; `undecided` contradicts nobody. */
export const SharedVerdicts = ({ runs }: Runs) => {
  const all = claimsAcross(runs);
  const differing = all.filter(({ differs }) => differs);
  const others = all.filter(({ differs, decided }) => !differs && decided > 0);
  const open = all.filter(({ decided }) => decided === 0);
  return (
    <section id="verdicts">
      <h2>The verdicts</h2>
      {differing.length > 0 && (
        <>
          <h3>Sentences of which the runs say different things</h3>
          <VerdictTable runs={runs} shared={differing} label="Verdicts that differ" />
          {differing.map(({ statement, claims }) => (
            <details>
              <summary>{statement}</summary>
              <Said claims={claims} />
            </details>
          ))}
        </>
      )}
      {others.length > 0 && (
        <>
          <h3>Sentences without contradiction</h3>
          <VerdictTable runs={runs} shared={others} label="Verdicts that do not differ" />
        </>
      )}
      {open.length > 0 && (
        <details>
          <summary>{writeCount(open.length, 'sentence')} that no run decided</summary>
          <ul>
            {open.map(({ statement }) => (
              <li>{statement}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
};

const HeadlineTable = ({
  headline,
  different,
}: {
  headline: Headline;
  different: SplitFacts['different'];
}) => (
  <>
    <h3>{headline.title}</h3>
    <Scroll label={headline.title}>
      <table class="sticky">
        <thead>
          <tr>
            <th scope="col">Run</th>
            {headline.pollers.map((poller) => (
              <th scope="col" class="number">
                {poller}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {headline.rows.map((row, index) => (
            <tr>
              <th scope="row">
                <Named different={different} index={index} />
              </th>
              {headline.pollers.map((poller) => {
                const figure = row[poller];
                if (!figure) return <td class="number">—</td>;
                const told = write({ ...figure, unit: headline.unit });
                return (
                  <td class="number">
                    {told.value} <small>{told.interval}</small>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  </>
);

/** Machines x pollers, at sizes that all of the runs have measured. */
export const Headlines = ({ runs }: Runs) => {
  const headlines = headlinesOf(runs);
  const { different } = splitFacts(runs);
  return (
    <section id="headlines">
      <h2>The figures</h2>
      {headlines.length === 0 ? (
        <p class="empty">
          Not shown: there is no experiment that most of these runs measured at the same size.
        </p>
      ) : (
        <>
          <p class="aside">
            Medians with their 95 % intervals, at the smallest and the largest size that most of the runs
            have. Times are those of one machine at one hour; how often one goes into the other is what
            machines can be held by.
          </p>
          {headlines.map((headline) => (
            <HeadlineTable headline={headline} different={different} />
          ))}
        </>
      )}
    </section>
  );
};

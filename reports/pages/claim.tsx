import type { Claim, Run } from '../../harness/results/run-schema.js';
import { chartsOfClaims } from '../charts/of-claims.js';
import { samplesOfClaim } from '../charts/samples-of-claim.js';
import { verdictChart } from '../charts/verdict.js';
import { NOTHING_RECORDED, type Recorded } from '../recorded.js';
import { ChartFigure } from '../sections/chart-figure.js';
import { AllEffects } from '../sections/effect-table.js';
import { Told } from '../sections/glossary.js';
import { PageFoot } from '../sections/page-foot.js';
import { tellEffects, withoutIdentifiers } from '../sections/told-effects.js';
import { VerdictBadge } from '../sections/verdict-badge.js';
import { Reasons, WhatWouldChange } from '../sections/verdict-reasons.js';
import { looks } from '../theme/pollers.js';
import { claimFile } from './claim-file.js';
import type { Page, Shown } from './page.js';

const sources: Readonly<Record<Claim['source'], string>> = {
  answer: 'The answer says',
  notes: 'The notes say',
  asked: 'Readers ask',
};

/** Begins with a capital, unless it begins with the name of a system call. */
export const sentence = (text: string): string =>
  looks.has(text.split(' ')[0] ?? '') ? text : text.charAt(0).toUpperCase() + text.slice(1);

const Condition = ({ claim }: { claim: Claim }) => {
  const text =
    claim.verdict === 'holds-when' ? claim.condition : claim.verdict === 'undecided' && claim.missing;
  return text ? (
    <p class="condition">
      <span>{claim.verdict === 'holds-when' ? 'Holds when' : 'Missing:'}</span>{' '}
      <Told>{withoutIdentifiers(tellEffects(text, claim.effects), claim.evidence)}</Told>
    </p>
  ) : null;
};

const Head = ({ claim }: { claim: Claim }) => (
  <header class="page-head">
    <p class="kicker">{sources[claim.source]}, in our words</p>
    <h1>{sentence(claim.statement)}</h1>
    <p class="verdict" data-claim>
      <VerdictBadge verdict={claim.verdict} />
    </p>
    <p class="answer">
      <Told>{claim.finding}</Told>
    </p>
    <Condition claim={claim} />
  </header>
);

/** With the verdict `holds-when` as a sentence has it: "holds when N is at most 16", "holds under a condition if one does". */
const ruleInWords = (text: string): string =>
  text
    .replace(/(?<=[Hh]olds)-when(?=,| if\b| with\b)/g, ' under a condition')
    .replace(/(?<=[Hh]olds)-when\b/g, ' when')
    .replace(/\} x \{/g, '} \u00d7 {');

/** The experiments that a claim was judged on, and how they went. */
const Measured = ({ claim, run }: { claim: Claim; run: Run }) => (
  <section id="measured">
    <h2>What was measured, and the rule</h2>
    <p class="lead">
      <Told>{ruleInWords(claim.rule.text)}</Told>
    </p>
    <p class="aside">
      Rule of version {claim.rule.version}, fixed before measuring. It rests on{' '}
      {claim.evidence.map((experiment, index) => {
        const result = run.experiments.find(({ id }) => id === experiment);
        return (
          <>
            {index > 0 && ', '}
            {result ? <a href={`index.html#experiment-${experiment}`}>{experiment}</a> : experiment}
            {result ? ` (${result.status})` : ' (not part of this run)'}
          </>
        );
      })}
      .
    </p>
  </section>
);

const Seen = ({ claim, shown, run }: { claim: Claim; shown: Shown; run: Run }) => {
  const links = (chartsOfClaims[claim.id] ?? []).map(shown.chartLink).filter(({ isDrawn }) => isDrawn);
  return (
    <section id="chart">
      <h2>The figures that decide</h2>
      {shown.own.slice(0, 1).map((chart) => (
        <ChartFigure level={3} chart={chart} claims={run.claims} claimHref={shown.claimHref} tables="#data" />
      ))}
      {links.length > 0 && (
        <ul class="see" aria-label="Charts of what was measured">
          {links.map(({ href, title }) => (
            <li>
              <a href={href}>{title}</a>
            </li>
          ))}
        </ul>
      )}
      <Reasons claim={claim} />
    </section>
  );
};

const Neighbours = ({ claim, run, claimHref }: { claim: Claim; run: Run } & Pick<Shown, 'claimHref'>) => {
  const at = run.claims.indexOf(claim);
  const [before, after] = [run.claims[at - 1], run.claims[at + 1]];
  return (
    <nav class="neighbours" aria-label="Other sentences">
      {before && <a href={claimHref(before.id)}>← {before.statement}</a>}
      {after && <a href={claimHref(after.id)}>{after.statement} →</a>}
    </nav>
  );
};

/** A chart's address within the pages. */
const nameOf = ({ id }: Claim, what: 'verdict' | 'samples'): string =>
  `${what}${claimFile(id).slice('claim'.length, -'.html'.length)}`;

/** The page of one sentence: what it says, what decided it, what speaks against that, and why the kernel does so. */
export const claimPage = (claim: Claim, run: Run, recorded: Recorded = NOTHING_RECORDED): Page => ({
  file: claimFile(claim.id),
  name: claim.id,
  title: () => `${sentence(claim.statement)}: ${claim.verdict}`,
  about: () => claim.finding,
  charts: [],
  own: [
    { name: nameOf(claim, 'verdict'), chart: verdictChart(claim) },
    { name: nameOf(claim, 'samples'), chart: samplesOfClaim(claim, run, recorded) },
  ],
  body: (run, shown) => (
    <>
      <Head claim={claim} />
      <main id="main">
        <Seen claim={claim} shown={shown} run={run} />
        <section id="mechanism">
          <h2>Why the kernel does so</h2>
          <p class="lead">
            <Told>{claim.explanation}</Told>
          </p>
        </section>
        <section id="samples">
          <h2>What each round said</h2>
          {shown.own.slice(1).map((chart) => (
            <ChartFigure level={3} chart={chart} claims={run.claims} claimHref={shown.claimHref} />
          ))}
        </section>
        <Measured claim={claim} run={run} />
        <WhatWouldChange claim={claim} run={run} />
        {claim.effects.length > 0 && (
          <section id="data">
            <h2>All figures of this verdict</h2>
            <AllEffects claim={claim} />
          </section>
        )}
      </main>
      <Neighbours claim={claim} run={run} claimHref={shown.claimHref} />
      <PageFoot run={run} />
    </>
  ),
});

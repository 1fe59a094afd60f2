import type { Claim, Run } from '../harness/results/run-schema.js';
import { draw } from './charts/draw.js';
import { documentOf, PREVIEW } from './document.js';
import { sentence } from './pages/claim.js';
import { claimFile } from './pages/claim-file.js';
import { findingsOf } from './sections/findings.js';
import { answerOf } from './sections/masthead.js';
import { VerdictBadge } from './sections/verdict-badge.js';
import { stylesheet } from './theme/stylesheet.js';

/** The pictures that a link to a published page is shown with: a page of its own size each, which a browser paints. */

const HERO = 'cost-of-watching';
const SHARED = 'preview.png';

/** The picture of a page: a claim has its own, the others share one. */
export const previewFile = (page: string): string =>
  page.startsWith('claim-') ? page.replace(/html$/, 'png') : SHARED;

const LOOK = `
body{width:${PREVIEW.width}px;height:${PREVIEW.height}px;max-width:none;margin:0;padding:52px 60px;overflow:hidden}
.skip{display:none}
.kicker{margin:0 0 18px;font-size:24px}
h1{max-width:none;font-size:60px}
.card-chart{display:grid;grid-template-columns:450px 600px;gap:30px;margin-top:26px}
.card-chart p{margin-bottom:18px;font:500 26px/1.3 var(--serif)}
.card-finding{margin:34px 0;font:500 38px/1.3 var(--serif)}
.card-chart .plot{max-width:none}
.badge{font-size:38px}
`;

const Shared = ({ run, svg }: { run: Run; svg: string | undefined }) => (
  <main id="main">
    <h1>What do select, poll and epoll cost?</h1>
    <div class="card-chart">
      <div>
        {findingsOf(run).map(({ finding }) => (
          <p>{finding}</p>
        ))}
      </div>
      {svg && <div class="plot" dangerouslySetInnerHTML={{ __html: svg }} />}
    </div>
  </main>
);

const OfClaim = ({ claim }: { claim: Claim }) => (
  <main id="main">
    <p class="kicker">pollcost · select, poll and epoll, measured</p>
    <h1>{sentence(claim.statement)}</h1>
    <p class="card-finding">{claim.finding}</p>
    <VerdictBadge verdict={claim.verdict} />
  </main>
);

/** Every picture of a run's report as a page to paint, by its file. Throws a ChartError when a chart cannot be drawn. */
export const renderPreviews = async (run: Run): Promise<ReadonlyMap<string, string>> => {
  const [css, hero] = await Promise.all([stylesheet(), draw(HERO, run)]);
  const style = { css: css + LOOK };
  const svg = hero.status === 'drawn' ? hero.panels[0]?.svg : undefined;
  const shared = documentOf({
    title: 'pollcost',
    about: answerOf(run),
    style,
    scripts: [],
    body: <Shared run={run} svg={svg} />,
  });
  const ofClaims = run.claims.map(
    (claim) =>
      [
        previewFile(claimFile(claim.id)),
        documentOf({
          title: claim.statement,
          about: claim.finding,
          style,
          scripts: [],
          body: <OfClaim claim={claim} />,
        }),
      ] as const,
  );
  return new Map([[SHARED, shared], ...ofClaims]);
};

import { ChartFigure } from '../sections/chart-figure.js';
import { Environment } from '../sections/environment.js';
import { Experiments } from '../sections/experiments.js';
import { Findings } from '../sections/findings.js';
import { Glossary } from '../sections/glossary.js';
import { answerOf, Masthead, RunFacts } from '../sections/masthead.js';
import { NoiseFloor } from '../sections/noise-floor.js';
import { PageFoot } from '../sections/page-foot.js';
import { Verdicts } from '../sections/verdicts.js';
import { Warnings } from '../sections/warnings.js';
import type { Page } from './page.js';

/**
 * The first page of a run: three findings and the chart that says most, the verdicts, and the conditions they hold under.
 */
export const overview: Page = {
  file: 'index.html',
  name: 'Verdicts',
  title: (run) => `What do select, poll and epoll cost? Run ${run.id}`,
  about: answerOf,
  charts: ['cost-of-watching'],
  body: (run, shown) => (
    <>
      <Masthead run={run} />
      <main id="main">
        <div class="first">
          <Findings run={run} claimHref={shown.claimHref} />
          {shown.charts.map((chart) => (
            <ChartFigure chart={chart} claims={run.claims} claimHref={shown.claimHref} plain />
          ))}
        </div>
        <Verdicts claims={run.claims} claimHref={shown.claimHref} />
        <RunFacts run={run} />
        <NoiseFloor run={run} />
        <Experiments run={run} />
        <Environment machine={run.environment} />
        <Warnings warnings={run.warnings} />
        <Glossary />
      </main>
      <PageFoot run={run} />
    </>
  ),
};

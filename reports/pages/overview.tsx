import { Charts } from '../sections/charts.js';
import { Environment } from '../sections/environment.js';
import { Experiments } from '../sections/experiments.js';
import { Glossary } from '../sections/glossary.js';
import { Masthead } from '../sections/masthead.js';
import { NoiseFloor } from '../sections/noise-floor.js';
import { PageFoot } from '../sections/page-foot.js';
import { Verdicts } from '../sections/verdicts.js';
import { Warnings } from '../sections/warnings.js';
import type { Page } from './page.js';

/**
 * The first page of a run: the answer, the verdicts, the two charts that say most, and the conditions they hold
 * under.
 */
export const overview: Page = {
  file: 'index.html',
  name: 'Verdicts',
  title: (run) => `What do select, poll and epoll cost? Run ${run.id}`,
  charts: ['cost-by-count', 'server-cost'],
  body: (run, shown) => (
    <>
      <Masthead run={run} />
      <nav aria-label="On this page">
        <a href="#verdicts">Verdicts</a>
        <a href="#charts">In two charts</a>
        <a href="#noise">Noise floor</a>
        <a href="#experiments">What ran</a>
        <a href="#environment">Measured on</a>
        {run.warnings.length > 0 && <a href="#warnings">Warnings</a>}
        <a href="#glossary">How to read this</a>
      </nav>
      <main>
        <Verdicts
          claims={run.claims}
          ran={new Set(run.experiments.map(({ id }) => id))}
          chartLink={shown.chartLink}
        />
        <section id="charts">
          <h2>In two charts</h2>
          <Charts run={run} shown={shown} />
        </section>
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

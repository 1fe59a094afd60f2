import { ChartFigure } from '../sections/chart-figure.js';
import { Environment } from '../sections/environment.js';
import { Experiments } from '../sections/experiments.js';
import { Glossary } from '../sections/glossary.js';
import { Masthead } from '../sections/masthead.js';
import { NoiseFloor } from '../sections/noise-floor.js';
import { Verdicts } from '../sections/verdicts.js';
import { Warnings } from '../sections/warnings.js';
import type { Page } from './page.js';

/**
 * The first page of a run: the answer, the verdicts, the charts behind them, and the conditions they hold
 * under.
 */
export const overview: Page = {
  file: 'index.html',
  title: (run) => `What do select, poll and epoll cost? Run ${run.id}`,
  charts: ['cost-by-count', 'cost-by-number', 'binding', 'user-space-scan'],
  body: (run, charts) => (
    <>
      <Masthead run={run} />
      <nav aria-label="On this page">
        <a href="#verdicts">Verdicts</a>
        <a href="#noise">Noise floor</a>
        <a href="#charts">Charts</a>
        <a href="#experiments">What ran</a>
        <a href="#environment">Measured on</a>
        {run.warnings.length > 0 && <a href="#warnings">Warnings</a>}
        <a href="#glossary">How to read this</a>
      </nav>
      <main>
        <Verdicts claims={run.claims} ran={new Set(run.experiments.map(({ id }) => id))} />
        <NoiseFloor run={run} />
        <section id="charts">
          <h2>What a turn costs</h2>
          {charts.map((chart) => (
            <ChartFigure chart={chart} />
          ))}
        </section>
        <Experiments run={run} />
        <Environment machine={run.environment} />
        <Warnings warnings={run.warnings} />
        <Glossary />
      </main>
      <footer>
        Written by {run.tool} from run.json of run <span class="code">{run.id}</span>. Every figure on this
        page comes from that file.
      </footer>
    </>
  ),
};

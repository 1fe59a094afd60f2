import type { Run } from '../../harness/results/run-schema.js';
import type { Drawn } from '../charts/draw.js';

interface PageHead {
  readonly run: Run;
  readonly heading: string;
  /** What a reader finds here, in a sentence. */
  readonly about: string;
  readonly charts: readonly Drawn[];
}

/** The head of every page but the first. */
export const PageHead = ({ run, heading, about, charts }: PageHead) => (
  <header class="page-head">
    <p class="kicker">
      pollcost · run <span class="code">{run.id}</span>
      {run.status !== 'completed' && ` · ${run.status}`}
    </p>
    <h1>{heading}</h1>
    <p class="answer">{about}</p>
    <nav aria-label="Charts on this page">
      {charts.map((chart) => (
        <a href={`#chart-${chart.name}`}>{chart.title}</a>
      ))}
    </nav>
  </header>
);

import type { Run } from '../../harness/results/run-schema.js';
import type { Shown } from '../pages/page.js';
import { ChartFigure } from './chart-figure.js';

interface Charts {
  readonly run: Run;
  readonly shown: Shown;
}

/** Charts of a page, each with the verdicts that it belongs to. */
export const Charts = ({ run, shown }: Charts) => (
  <>
    {shown.charts.map((chart) => (
      <ChartFigure chart={chart} claims={run.claims} claimHref={shown.claimHref} />
    ))}
  </>
);

import type { Run } from '../../harness/results/run-schema.js';
import type { ChartName } from '../charts/registry.js';
import type { Shown } from '../pages/page.js';
import { ChartFigure } from './chart-figure.js';

interface Charts {
  readonly run: Run;
  readonly shown: Shown;
  /** Only these, in this order; all of the page unless told. */
  readonly only?: readonly ChartName[];
}

/** Charts of a page, each with the verdicts that it belongs to. */
export const Charts = ({ run, shown, only }: Charts) => (
  <>
    {(only ?? shown.charts.map(({ name }) => name)).flatMap((wanted) =>
      shown.charts
        .filter(({ name }) => name === wanted)
        .map((chart) => <ChartFigure chart={chart} claims={run.claims} claimHref={shown.claimHref} />),
    )}
  </>
);

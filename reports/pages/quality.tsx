import { ChartFigure } from '../sections/chart-figure.js';
import { Charts } from '../sections/charts.js';
import { Coverage } from '../sections/coverage.js';
import { Looks } from '../sections/looks.js';
import { NoiseFloor } from '../sections/noise-floor.js';
import { PageFoot } from '../sections/page-foot.js';
import { PageHead } from '../sections/page-head.js';
import type { Page } from './page.js';

const ABOUT =
  'How far the machine was from quiet while it measured: how fast its core was, how far two identical pollers lay apart, and what could not be measured.';

/** Whether a run can be trusted: speeds, noise, coverage. */
export const quality: Page = {
  file: 'quality.html',
  name: 'Quality',
  title: (run) => `Can this run be trusted? Run ${run.id}`,
  about: () => ABOUT,
  charts: [],
  body: (run, shown) => (
    <>
      <PageHead run={run} heading="Can this be trusted?" about={ABOUT} charts={shown.own} />
      <main id="main">
        <NoiseFloor run={run} />
        {shown.own.map((chart) => (
          <ChartFigure chart={chart} claims={run.claims} claimHref={shown.claimHref} />
        ))}
        <Charts run={run} shown={shown} />
        <Coverage run={run} />
        <Looks run={run} />
      </main>
      <PageFoot run={run} />
    </>
  ),
};

import { ChartFigure } from '../sections/chart-figure.js';
import { Charts } from '../sections/charts.js';
import { PageFoot } from '../sections/page-foot.js';
import { PageHead } from '../sections/page-head.js';
import { ServerTables } from '../sections/server-tables.js';
import { TcpStates } from '../sections/tcp-states.js';
import type { Page } from './page.js';

const ABOUT =
  'Turns of a probe can only suggest what a server pays. Here a herd holds its connections, most of them silent, and the pollers take turns on the same live ones.';

/** Live servers that hold many connections, asked by few, and what they cost when nobody asks. */
export const server: Page = {
  file: 'server.html',
  name: 'Servers',
  title: (run) => `What a request costs a server. Run ${run.id}`,
  about: () => ABOUT,
  charts: [
    'server-cost',
    'server-latency',
    'server-percentiles',
    'server-turns',
    'server-phases',
    'server-sharing',
    'server-references',
    'idle',
    'accept-herd',
  ],
  body: (run, shown) => (
    <>
      <PageHead run={run} heading="What a request costs a server" about={ABOUT} charts={shown.charts} />
      <main id="main">
        <ServerTables run={run} />
        <Charts run={run} shown={shown} />
        {shown.own.map((chart) => (
          <ChartFigure chart={chart} claims={run.claims} claimHref={shown.claimHref} />
        ))}
        <TcpStates readings={shown.readings} />
      </main>
      <PageFoot run={run} />
    </>
  ),
};

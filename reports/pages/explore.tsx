import { Charts } from '../sections/charts.js';
import { CrossoverTable } from '../sections/crossover-table.js';
import { Explorer } from '../sections/explorer.js';
import { PageFoot } from '../sections/page-foot.js';
import { PageHead } from '../sections/page-head.js';
import type { Page } from './page.js';

const ABOUT =
  'Say how many fds you watch, how many of them are ready in a turn, and how often they change: what a turn of each poller costs there, by the models of this run, and who is the cheapest.';

/** A reader's own workload, by the models. */
export const explore: Page = {
  file: 'explore.html',
  name: 'Explore',
  title: (run) => `Which poller for your sockets? Run ${run.id}`,
  about: () => ABOUT,
  charts: ['crossover'],
  script: 'explore.js',
  body: (run, shown) => (
    <>
      <PageHead run={run} heading="Which poller for your sockets?" about={ABOUT} charts={shown.charts} />
      <main id="main">
        <Explorer run={run} />
        <Charts run={run} shown={shown} />
        <CrossoverTable run={run} />
      </main>
      <PageFoot run={run} />
    </>
  ),
};

import { Charts } from '../sections/charts.js';
import { PageFoot } from '../sections/page-foot.js';
import { PageHead } from '../sections/page-head.js';
import type { Page } from './page.js';

const ABOUT =
  'A turn is one call that waits and the walk through what it reports. Here is what it costs by how many fds are watched, how many are ready, how long registrations live, and how warm the caches are.';

/** What a turn costs, by everything that other comparisons leave to chance. */
export const turns: Page = {
  file: 'turns.html',
  name: 'Turns',
  title: (run) => `What a turn costs. Run ${run.id}`,
  about: () => ABOUT,
  charts: [
    'cost-by-count',
    'cost-by-number',
    'cost-by-ready',
    'cost-of-consuming',
    'few-sockets',
    'small-difference',
    'workload-grid',
    'temperature',
    'price-of-sharing',
    'churn',
    'cascade',
    'user-space-scan',
    'binding',
  ],
  body: (run, shown) => (
    <>
      <PageHead run={run} heading="What a turn costs" about={ABOUT} charts={shown.charts} />
      <main id="main">
        <Charts run={run} shown={shown} />
      </main>
      <PageFoot run={run} />
    </>
  ),
};

import { Charts } from '../sections/charts.js';
import { Closures } from '../sections/closures.js';
import { Models } from '../sections/models.js';
import { PageFoot } from '../sections/page-foot.js';
import { PageHead } from '../sections/page-head.js';
import type { Page } from './page.js';

const ABOUT =
  'A model for each poller takes its turns apart: so much for the call, so much for each fd. Whole numbers of fds and a whole experiment are kept from its fit; it is tried on those, and then held against a live server.';

/** The cost models, how well they predict, and what they do not know. */
export const model: Page = {
  file: 'model.html',
  name: 'Model',
  title: (run) => `What a turn is paid for. Run ${run.id}`,
  about: () => ABOUT,
  charts: ['held-out'],
  body: (run, shown) => (
    <>
      <PageHead run={run} heading="What a turn is paid for" about={ABOUT} charts={shown.charts} />
      <main id="main">
        <Models run={run} />
        <Charts run={run} shown={shown} />
        <Closures run={run} />
      </main>
      <PageFoot run={run} />
    </>
  ),
};

import { Charts } from '../sections/charts.js';
import { Ledger } from '../sections/ledger.js';
import { PageFoot } from '../sections/page-foot.js';
import { PageHead } from '../sections/page-head.js';
import type { Page } from './page.js';

const ABOUT =
  'By place and by duration: what the program hands over, what the kernel keeps for good, and what it takes only while a call blocks. Two ways of counting stand side by side.';

/** The memory ledger: by place, for good and while a call blocks, computed and read. */
export const memory: Page = {
  file: 'memory.html',
  name: 'Memory',
  title: (run) => `What waiting takes of memory. Run ${run.id}`,
  about: () => ABOUT,
  charts: ['memory-stacks', 'memory-per-fd', 'memory-of-few'],
  body: (run, shown) => (
    <>
      <PageHead run={run} heading="What waiting takes of memory" about={ABOUT} charts={shown.charts} />
      <main id="main">
        <Charts run={run} shown={shown} />
        <Ledger run={run} />
      </main>
      <PageFoot run={run} />
    </>
  ),
};

import type { Run } from '../harness/results/run-schema.js';
import { chartOf, type Drawn, draw, drawSpec } from './charts/draw.js';
import type { ChartName } from './charts/registry.js';
import { serverOwn } from './charts/server-windows.js';
import { speedChart } from './charts/speeds.js';
import { documentOf } from './document.js';
import { claimPage } from './pages/claim.js';
import { claimFile } from './pages/claim-file.js';
import type { Page, Shown } from './pages/page.js';
import { pages } from './pages/registry.js';
import { previewFile } from './preview.js';
import { NOTHING_RECORDED, type Recorded } from './recorded.js';
import { SiteNav } from './sections/site-nav.js';
import { pageScript, stylesheet } from './theme/stylesheet.js';

/** A run's charts, each drawn once however many pages show it. */
const drawnOnce = (run: Run): ((name: ChartName) => Promise<Drawn>) => {
  const drawn = new Map<ChartName, Promise<Drawn>>();
  return (name) => {
    const chart = drawn.get(name) ?? draw(name, run);
    drawn.set(name, chart);
    return chart;
  };
};

const linksOf = (open: Page, run: Run): Pick<Shown, 'chartLink' | 'claimHref'> => {
  const all: readonly Page[] = Object.values(pages);
  return {
    chartLink(chart) {
      const home = open.charts.includes(chart) ? open : all.find(({ charts }) => charts.includes(chart));
      const { title, status } = chartOf(chart, run);
      const href = `${home === open ? '' : home?.file}#chart-${chart}`;
      return { href, title, isDrawn: status === 'drawn' };
    },
    claimHref: claimFile,
  };
};

/**
 * Renders one page of a run's report: a whole HTML document that needs no network and no script; its links lead to itself
 * and to the other pages beside it. Throws a ChartError when a chart cannot be drawn.
 */
export const renderPage = async (
  page: Page,
  run: Run,
  drawOnce = drawnOnce(run),
  { readings }: Recorded = NOTHING_RECORDED,
  site?: URL,
): Promise<string> => {
  const [scripts, own, ...charts] = await Promise.all([
    Promise.all(page.script ? [pageScript(page.script)] : []),
    Promise.all((page.own ?? []).map(({ name, chart }) => drawSpec(name, chart))),
    ...page.charts.map(drawOnce),
  ]);
  return documentOf({
    title: page.title(run),
    about: page.about(run),
    style: { href: STYLE_FILE },
    scripts,
    sharedScript: SCRIPT_FILE,
    published: site && {
      address: new URL(page.file, site).href,
      picture: new URL(previewFile(page.file), site).href,
    },
    body: (
      <>
        <SiteNav pages={Object.values(pages)} open={page.file} />
        {page.body(run, { charts, own, readings, ...linksOf(page, run) })}
      </>
    ),
  });
};

/** What the pages of a report look like and do, once for all of them: a third of their bytes otherwise. */
const STYLE_FILE = 'report.css';
const SCRIPT_FILE = 'report.js';

/**
 * Renders every page of a run's report, and the style sheet and the script that they share, by its file; for the pictures of link previews they have to know
 * the site that they are published on. Throws a ChartError when a chart cannot be drawn.
 */
export const renderReport = async (
  run: Run,
  recorded: Recorded = NOTHING_RECORDED,
  site?: URL,
): Promise<ReadonlyMap<string, string>> => {
  const drawOnce = drawnOnce(run);
  const quality: Page = {
    ...pages.quality,
    own: [{ name: 'speeds', chart: speedChart(run, recorded.speeds) }],
  };
  const server: Page = { ...pages.server, own: serverOwn(run, recorded) };
  const all: readonly Page[] = [
    ...Object.values({ ...pages, quality, server }),
    ...run.claims.map((claim) => claimPage(claim, run, recorded)),
  ];
  const rendered = await Promise.all(
    all.map(async (page) => [page.file, await renderPage(page, run, drawOnce, recorded, site)] as const),
  );
  return new Map<string, string>([
    ...rendered,
    [STYLE_FILE, await stylesheet()],
    [SCRIPT_FILE, `'use strict';{${await pageScript()}}\n`],
  ]);
};

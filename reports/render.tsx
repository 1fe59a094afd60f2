import { render } from 'preact-render-to-string';
import type { Run } from '../harness/results/run-schema.js';
import { showControls } from '../harness/results/shown-controls.js';
import { chartOf, type Drawn, draw } from './charts/draw.js';
import type { ChartName } from './charts/registry.js';
import type { Page, Shown } from './pages/page.js';
import { pages } from './pages/registry.js';
import { SiteNav } from './sections/site-nav.js';
import { stylesheet } from './theme/stylesheet.js';

/**
 * A page may style itself and do nothing else: it loads nothing and runs nothing, whatever a run contains.
 */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A run's charts, each drawn once however many pages show it. */
const drawnOnce = (run: Run): ((name: ChartName) => Promise<Drawn>) => {
  const drawn = new Map<ChartName, Promise<Drawn>>();
  return (name) => {
    const chart = drawn.get(name) ?? draw(name, run);
    drawn.set(name, chart);
    return chart;
  };
};

const linksOf = (open: Page, run: Run): Omit<Shown, 'charts'> => {
  const all: readonly Page[] = Object.values(pages);
  const verdicts = pages.overview;
  return {
    chartLink(chart) {
      const home = open.charts.includes(chart) ? open : all.find(({ charts }) => charts.includes(chart));
      const { title, status } = chartOf(chart, run);
      const href = `${home === open ? '' : home?.file}#chart-${chart}`;
      return { href, title, isDrawn: status === 'drawn' };
    },
    claimHref: (claim) => `${open === verdicts ? '' : verdicts.file}#claim-${claim}`,
  };
};

/**
 * Renders one page of a run's report: a whole HTML document that needs no network and no script; its links lead to itself
 * and to the other pages beside it. Throws a ChartError when a chart cannot be drawn.
 */
export const renderPage = async (page: Page, run: Run, drawOnce = drawnOnce(run)): Promise<string> => {
  const [css, ...charts] = await Promise.all([stylesheet(), ...page.charts.map(drawOnce)]);
  const html = render(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={POLICY} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{page.title(run)}</title>
        <style dangerouslySetInnerHTML={{ __html: css }} />
      </head>
      <body>
        <SiteNav pages={Object.values(pages)} open={page} />
        {page.body(run, { charts, ...linksOf(page, run) })}
      </body>
    </html>,
  );
  return `<!doctype html>\n${showControls(html)}\n`;
};

/** Renders every page of a run's report, by its file. Throws a ChartError when a chart cannot be drawn. */
export const renderReport = async (run: Run): Promise<ReadonlyMap<Page['file'], string>> => {
  const drawOnce = drawnOnce(run);
  const all: readonly Page[] = Object.values(pages);
  return new Map(
    await Promise.all(all.map(async (page) => [page.file, await renderPage(page, run, drawOnce)] as const)),
  );
};

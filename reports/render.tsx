import { createHash } from 'node:crypto';
import { render } from 'preact-render-to-string';
import type { Run } from '../harness/results/run-schema.js';
import { showControls } from '../harness/results/shown-controls.js';
import { chartOf, type Drawn, draw, drawSpec } from './charts/draw.js';
import type { ChartName } from './charts/registry.js';
import { claimPage } from './pages/claim.js';
import { claimFile } from './pages/claim-file.js';
import type { Page, Shown } from './pages/page.js';
import { pages } from './pages/registry.js';
import { Meanings } from './sections/glossary.js';
import { SiteNav } from './sections/site-nav.js';
import { pageScript, stylesheet } from './theme/stylesheet.js';

/**
 * A page may style itself and run our one script, known by its hash: it loads nothing, whatever a run contains.
 */
const policyFor = (script: string): string =>
  [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    // A picture that is saved as PNG is drawn from its own SVG.
    'img-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

/** A run's charts, each drawn once however many pages show it. */
const drawnOnce = (run: Run): ((name: ChartName) => Promise<Drawn>) => {
  const drawn = new Map<ChartName, Promise<Drawn>>();
  return (name) => {
    const chart = drawn.get(name) ?? draw(name, run);
    drawn.set(name, chart);
    return chart;
  };
};

const linksOf = (open: Page, run: Run): Omit<Shown, 'charts' | 'own'> => {
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
export const renderPage = async (page: Page, run: Run, drawOnce = drawnOnce(run)): Promise<string> => {
  const [css, script, own, ...charts] = await Promise.all([
    stylesheet(),
    pageScript(),
    page.own ? drawSpec(page.own.name, page.own.chart) : null,
    ...page.charts.map(drawOnce),
  ]);
  const body = render(
    <>
      <a class="skip" href="#main">
        Skip to the figures
      </a>
      <SiteNav pages={Object.values(pages)} open={page} />
      {page.body(run, { charts, own, ...linksOf(page, run) })}
    </>,
  );
  const html = render(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policyFor(script)} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{page.title(run)}</title>
        <meta name="description" content={page.about(run)} />
        <meta property="og:title" content={page.title(run)} />
        <meta property="og:description" content={page.about(run)} />
        <meta property="og:type" content="article" />
        <style dangerouslySetInnerHTML={{ __html: css }} />
      </head>
      <body>
        <div class="page" dangerouslySetInnerHTML={{ __html: body }} />
        <Meanings body={body} />
        <script type="module" dangerouslySetInnerHTML={{ __html: script }} />
      </body>
    </html>,
  );
  return `<!doctype html>\n${showControls(html)}\n`;
};

/** Renders every page of a run's report, by its file. Throws a ChartError when a chart cannot be drawn. */
export const renderReport = async (run: Run): Promise<ReadonlyMap<Page['file'], string>> => {
  const drawOnce = drawnOnce(run);
  const all: readonly Page[] = [...Object.values(pages), ...run.claims.map(claimPage)];
  return new Map(
    await Promise.all(all.map(async (page) => [page.file, await renderPage(page, run, drawOnce)] as const)),
  );
};

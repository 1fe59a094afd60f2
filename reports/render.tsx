import { render } from 'preact-render-to-string';
import type { Run } from '../harness/results/run-schema.js';
import { draw } from './charts/draw.js';
import type { Page } from './pages/page.js';
import { pages } from './pages/registry.js';
import { stylesheet } from './theme/stylesheet.js';

/**
 * A page may style itself and do nothing else: it loads nothing and runs nothing, whatever a run contains.
 */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * Renders one page of a run's report: a whole HTML document that needs no other file, no network and no
 * script.
 */
export const renderPage = async (page: Page, run: Run): Promise<string> => {
  const [css, ...charts] = await Promise.all([stylesheet(), ...page.charts.map((name) => draw(name, run))]);
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
      <body>{page.body(run, charts)}</body>
    </html>,
  );
  return `<!doctype html>\n${html}\n`;
};

/**
 * Renders the first page of a run's report, `report/index.html`. Throws a ChartError when a chart cannot be
 * drawn.
 */
export const renderReport = (run: Run): Promise<string> => renderPage(pages.overview, run);

import { createHash } from 'node:crypto';
import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';
import { showControls } from '../harness/results/shown-controls.js';
import { Meanings } from './sections/glossary.js';

const hashOf = (script: string): string => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

/**
 * A page may style itself and run our own scripts, known by their hashes: it loads nothing, whatever a run contains.
 */
const policyFor = (scripts: readonly string[]): string =>
  [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    // A picture that is saved as PNG is drawn from its own SVG.
    'img-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

interface Document {
  readonly title: string;
  /** What it says, for those who are sent a link to it. */
  readonly about: string;
  readonly css: string;
  readonly scripts: readonly string[];
  readonly body: VNode;
}

/** A whole HTML document that needs no network, and no script to be read. */
export const documentOf = ({ title, about, css, scripts, body }: Document): string => {
  const rendered = render(
    <>
      <a class="skip" href="#main">
        Skip to the figures
      </a>
      {body}
    </>,
  );
  const html = render(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policyFor(scripts)} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <meta name="description" content={about} />
        <meta property="og:title" content={title} />
        <meta property="og:description" content={about} />
        <meta property="og:type" content="article" />
        <style dangerouslySetInnerHTML={{ __html: css }} />
      </head>
      <body>
        <div class="page" dangerouslySetInnerHTML={{ __html: rendered }} />
        <Meanings body={rendered} />
        {scripts.map((script) => (
          <script type="module" dangerouslySetInnerHTML={{ __html: script }} />
        ))}
      </body>
    </html>,
  );
  return `<!doctype html>\n${showControls(html)}\n`;
};

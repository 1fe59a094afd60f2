import { createHash } from 'node:crypto';
import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';
import { showControls } from '../harness/results/shown-controls.js';
import { signsOnce } from './charts/lean-svg.js';
import { Meanings } from './sections/glossary.js';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The look of a document: within it, or in a file beside it that others share. */
export type Style = { readonly css: string } | { readonly href: string };

/** Lets a script of a file beside the page run. */
const loaderOf = (file: string): string =>
  `document.head.append(Object.assign(document.createElement('script'),{src:'${file}'}))`;

/**
 * A page may run our own scripts, known by their hashes, and take its look from itself, known likewise, or from a file
 * beside it: whatever a run contains, nothing else is loaded. A script of a file beside it can be held to no hash where pages
 * are opened from disk, but be loaded by a script that is: nothing that stands in the page as an element can do so.
 */
const policyFor = (style: Style, scripts: readonly string[], isLoading: boolean): string =>
  [
    "default-src 'none'",
    // Not every browser takes a file beside a file for its own.
    `style-src ${'href' in style ? "'self' file:" : hashOf(style.css)}`,
    `script-src ${[...scripts.map(hashOf), ...(isLoading ? ["'strict-dynamic'"] : [])].join(' ')}`,
    // A picture that is saved as PNG is drawn from its own SVG.
    'img-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

/** Where a page is published, and its picture for link previews, which want both as absolute addresses. */
export interface Published {
  readonly address: string;
  readonly picture: string;
}

interface Document {
  readonly title: string;
  /** What it says, for those who are sent a link to it. */
  readonly about: string;
  readonly style: Style;
  /** Those that stand within it. */
  readonly scripts: readonly string[];
  /** The file beside it whose script others share. */
  readonly sharedScript?: string;
  readonly published?: Published | undefined;
  readonly body: VNode;
}

/** The size that sites which show previews ask for. */
export const PREVIEW = { width: 1200, height: 630 } as const;

const Preview = ({ address, picture, alt }: Published & { alt: string }) => (
  <>
    <meta property="og:url" content={address} />
    <meta property="og:image" content={picture} />
    <meta property="og:image:width" content={String(PREVIEW.width)} />
    <meta property="og:image:height" content={String(PREVIEW.height)} />
    <meta property="og:image:alt" content={alt} />
    <meta name="twitter:card" content="summary_large_image" />
  </>
);

/** A whole HTML document that needs no network, and no script to be read. */
export const documentOf = ({
  title,
  about,
  style,
  scripts: within,
  sharedScript,
  published,
  body,
}: Document): string => {
  const scripts = [...(sharedScript === undefined ? [] : [loaderOf(sharedScript)]), ...within];
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
        <meta
          http-equiv="Content-Security-Policy"
          content={policyFor(style, scripts, sharedScript !== undefined)}
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <meta name="description" content={about} />
        <meta property="og:title" content={title} />
        <meta property="og:description" content={about} />
        <meta property="og:type" content="article" />
        {published && <Preview {...published} alt={about} />}
        {'href' in style ? (
          <link rel="stylesheet" href={style.href} />
        ) : (
          <style dangerouslySetInnerHTML={{ __html: style.css }} />
        )}
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
  return `<!doctype html>\n${signsOnce(showControls(html))}\n`;
};

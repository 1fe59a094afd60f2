import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pages } from './pages/registry.js';
import { previewFile, renderPreviews } from './preview.js';
import { renderPage } from './render.js';
import { exampleClaims } from './testing/example-claims.js';
import { exampleRun } from './testing/example-run.js';

const run = exampleRun();

test('a page that is published names its picture by its whole address; one that lies on a disk has none', async () => {
  const site = new URL('https://example.org/pollcost/');
  const html = await renderPage(pages.quality, run, undefined, undefined, site);
  assert.match(html, /property="og:image" content="https:\/\/example\.org\/pollcost\/preview\.png"/);
  assert.match(html, /property="og:url" content="https:\/\/example\.org\/pollcost\/quality\.html"/);
  assert.doesNotMatch(html, /(?:src|href)="https?:/);
  assert.doesNotMatch(await renderPage(pages.quality, run), /og:image|https?:/);
});

test('every page of a report has a picture: each claim its own with its finding, the others one', async () => {
  const cards = await renderPreviews(run);
  assert.equal(cards.size, 1 + exampleClaims.length);
  assert.equal(previewFile(pages.memory.file), 'preview.png');
  for (const { id, finding } of exampleClaims)
    assert.ok(cards.get(`claim-${id}.png`)?.includes(finding.slice(0, 20)), id);
  assert.match(cards.get('preview.png') ?? '', /class="plot"><svg/);
});

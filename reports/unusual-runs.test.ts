import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../harness/results/run-schema.js';
import { pages } from './pages/registry.js';
import { renderPage, renderReport } from './render.js';
import { emptyRun, exampleRun } from './testing/example-run.js';
import { text } from './testing/text.js';

const run = exampleRun();
const overviewOf = (other: Run): Promise<string> => renderPage(pages.overview, other);
const overview = overviewOf(run);

test('a run without any cell or claim is a page that says so', async () => {
  const rendered = await renderReport(emptyRun());
  const page = text([...rendered.values()].join(' '));
  assert.match(page, /No sentence has been judged in this run\./);
  assert.match(page, /This run has not ended\./);
  assert.match(page, /The noise floor was not measured/);
  assert.match(page, /Not drawn: experiment watched-fds was not part of this run\./);
  assert.match(page, /No experiment was part of this run/);
  assert.match(page, /Not shown: experiment memory was not part of this run\./);
  assert.match(page, /Not shown: experiment server was not part of this run\./);
  assert.match(page, /Not shown: a model needs turns with several counts/);
});

test('an interrupted and a failed run say so above everything else', async () => {
  const { experiments } = run;
  const interrupted = text(await overviewOf(exampleRun({ status: 'interrupted', finishedAt: null })));
  assert.match(
    interrupted,
    new RegExp(`This run was interrupted\\. 12 of ${experiments.length} experiments completed`),
  );
  assert.ok(
    interrupted.indexOf('This run was interrupted') < interrupted.indexOf('The sentences and their verdicts'),
  );
  assert.match(text(await overviewOf(exampleRun({ status: 'failed' }))), /This run failed\./);
  assert.doesNotMatch(text(await overview), /This run (was|failed|has)/);
});

test('cells without a figure are counted by reason', async () => {
  const page = text(await overview);
  assert.match(page, /select refuses fds of FD_SETSIZE \(1 024\) and above skipped 5 select watched-fds/);
});

test('a figure with flagged rounds is marked, with its flag where it is not the one that most have', async () => {
  const cells = run.cells.map((cell, at) => ({ ...cell, flags: [at % 4 === 0 ? 'switches' : 'steal'] }));
  const html = await overviewOf({ ...run, cells });
  assert.match(html, /† marks figures with flagged rounds among theirs \(steal, where it says nothing else/);
  assert.match(html, /<sup title="flagged: switches">†<\/sup>/);
  assert.match(html, /<td>[\d.]+\u00a0\S+†/);
});

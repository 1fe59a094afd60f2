import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../harness/results/run-schema.js';
import { type ChartName, chartNames, charts } from './charts/registry.js';
import { renderReport } from './render.js';
import { emptyRun, exampleClaims, exampleRun } from './testing/example-run.js';

const figureOf = (html: string, name: ChartName): string => {
  const [whole] = html.match(new RegExp(`<figure[^>]*id="chart-${name}".*?</figure>`, 's')) ?? [];
  return whole ?? '';
};

const text = (html: string): string =>
  html
    .replace(/<style.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\s\u00a0\u202f]+/g, ' ');

test('the page is one document that loads nothing and runs nothing', async () => {
  const html = await renderReport(exampleRun());
  assert.match(html, /^<!doctype html>\n<html lang="en">/);
  assert.doesNotMatch(html, /(src|href)="(?!#)/);
  assert.doesNotMatch(html, /https?:/);
  assert.doesNotMatch(html, /<script|<link|<iframe|url\(|@import/);
  assert.match(html, /Content-Security-Policy" content="default-src 'none'/);
});

test('every id is there once, and every link leads to one', async () => {
  const html = await renderReport(exampleRun());
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
  const missing = [...html.matchAll(/ href="#([^"]+)"/g)]
    .map(([, id]) => id)
    .filter((id) => !ids.includes(id));
  assert.deepEqual(missing, []);
});

test('the table beside a chart lists exactly the figures that the chart draws', async () => {
  const run = exampleRun();
  const html = await renderReport(run);
  for (const name of chartNames) {
    const chart = charts[name](run);
    assert.equal(chart.status, 'drawn');
    if (chart.status !== 'drawn') continue;
    const listed = [...figureOf(html, name).matchAll(/<data value="([^"]+)"/g)].map(([, value]) =>
      Number(value),
    );
    const inSpecs = chart.panels.flatMap(({ spec }) => {
      const { values } = spec.data as { values: { value: number }[] };
      return values.map(({ value }) => value);
    });
    const ascending = (a: number, b: number) => a - b;
    assert.deepEqual(listed.sort(ascending), inSpecs.sort(ascending), name);
  }
});

test('every verdict is told with its figures, its rule and what it depends on', async () => {
  const page = text(await renderReport(exampleRun()));
  assert.match(page, /5 sentences judged: 2 hold, 1 holds under a condition, 1 fails and 1 is undecided\./);
  for (const claim of exampleClaims) {
    assert.ok(page.includes(claim.statement), claim.id);
    assert.ok(page.includes(claim.rule.text), claim.id);
    for (const { name } of claim.effects) assert.ok(page.includes(name), name);
  }
  assert.match(page, /Holds when the instance is fresh at every turn/);
  assert.match(page, /Missing: root, to read the kernel’s slabs/);
  assert.match(page, /differ by up to 0\.10 % : nothing smaller is called a difference/);
});

test('whatever a run contains stays text', async () => {
  const evil = `<script>alert('x')</script>"><img src=http://x>`;
  const [claim] = exampleClaims;
  const [experiment] = exampleRun().experiments;
  assert.ok(claim && experiment);
  const run: Run = exampleRun({
    warnings: [{ code: evil, message: evil, advice: evil }],
    claims: [{ ...claim, id: evil, statement: evil, explanation: evil, evidence: [evil] }],
    experiments: [
      { ...experiment, status: 'skipped', reason: evil },
      { ...experiment, id: 'watched-fds', status: 'completed' },
    ],
    environment: { ...exampleRun().environment, kernel: evil, cpuModel: evil, mitigations: [evil] },
  });
  const html = await renderReport(run);
  assert.doesNotMatch(html, /<script|<img/);
  assert.match(html, /&lt;script/);
});

test('a run without any cell or claim is a page that says so', async () => {
  const page = text(await renderReport(emptyRun()));
  assert.match(page, /No sentence has been judged in this run\./);
  assert.match(page, /This run has not ended\./);
  assert.match(page, /The noise floor was not measured/);
  assert.match(page, /Not drawn: experiment watched-fds was not part of this run\./);
  assert.match(page, /No experiment was part of this run/);
});

test('an interrupted and a failed run say so above everything else', async () => {
  const { experiments } = exampleRun();
  const interrupted = text(await renderReport(exampleRun({ status: 'interrupted', finishedAt: null })));
  assert.match(
    interrupted,
    new RegExp(`This run was interrupted\\. 4 of ${experiments.length} experiments completed`),
  );
  assert.ok(
    interrupted.indexOf('This run was interrupted') < interrupted.indexOf('The sentences and their verdicts'),
  );
  assert.match(text(await renderReport(exampleRun({ status: 'failed' }))), /This run failed\./);
  assert.doesNotMatch(text(await renderReport(exampleRun())), /This run (was|failed|has)/);
});

test('cells without a figure are counted by reason', async () => {
  const page = text(await renderReport(exampleRun()));
  assert.match(page, /select refuses fds of FD_SETSIZE \(1 024\) and above skipped 5 select watched-fds/);
});

test('a figure with flagged rounds is marked, with its flag', async () => {
  const run = exampleRun();
  const html = await renderReport({
    ...run,
    cells: run.cells.map((cell) => ({ ...cell, flags: ['steal'] })),
  });
  assert.match(html, /<sup title="flagged: steal">†<\/sup>/);
});

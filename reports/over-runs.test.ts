import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Run } from '../harness/results/run-schema.js';
import { type Course, courseChart } from './charts/course.js';
import { foldersOf, renderGallery, writeGallery } from './gallery.js';
import { renderHistory } from './history.js';
import { exampleRun } from './testing/example-run.js';

/** The pages of many runs: one over time, one beside another. */

const folder = mkdtempSync(join(tmpdir(), 'pollcost-over-runs-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const DAYS = [0, 1, 2, 3, 4, 5];
const runs: readonly Run[] = DAYS.map((day) =>
  exampleRun({ id: `2026010${day + 1}T000000Z-000${day}`, startedAt: `2026-01-0${day + 1}T00:00:00.000Z` }),
);
const course = (poller: string, ns: number, stepAt: number | null): Course => ({
  poller,
  unit: 'ns',
  stages: DAYS.map((run) => {
    const value = ns * (stepAt !== null && run >= stepAt ? 1.5 : 1);
    return {
      ...{ run, value, low: value * 0.98, high: value * 1.02 },
      step: run === stepAt ? { factor: 1.5 } : null,
    };
  }),
});
const HISTORY = {
  experiment: 'watched-fds',
  metric: 'cpuNsPerTurn',
  factors: { watched: '1000', ready: '0', position: 'none', timeout: 'zero' },
  courses: [course('poll', 60_000, 3), course('epoll', 300, null)],
  runs,
};

test('the page of a history says which poller changed, by how much and with which run, and marks it', async () => {
  const html = await renderHistory(HISTORY);
  assert.match(html, /It changed: poll \+50\u00a0% with the run of 2026-01-04 00:00 UTC/);
  assert.match(html, /CPU time of a turn: 1\u202f000 watched, nothing ready, returns at once/);
  assert.match(html, />poll \+50\u00a0%<\/text>/);
  assert.equal(html.match(/<use [^>]*><title>2026-01-0\d[^<]*: [\d.]+ µs \[/g)?.length, 6);
  assert.equal(html.match(/<use [^>]*><title>2026-01-0\d[^<]*: [\d.]+ ns \[/g)?.length, 6);
  assert.doesNotMatch(html, /https?:|NaN|<script(?! type="module">)/);
  const none = await renderHistory({ ...HISTORY, courses: [course('epoll', 300, null)] });
  assert.match(none, /No step/);
});

test('of runs there is no band: one does not follow from the one before', () => {
  const [panel] = courseChart({ title: 't', metric: 'm', courses: HISTORY.courses }, [
    ...runs.map(({ id, startedAt }) => ({ id, startedAt, commit: null })),
  ]).panels;
  assert.ok(panel);
  const { values } = panel.spec.data as { values: { band: boolean }[] };
  assert.ok(values.length === 12 && values.every(({ band }) => !band));
});

test('a growth is told by both its ends', async () => {
  const html = await renderHistory({
    ...HISTORY,
    ...{ metric: 'growth', factors: { watched: '1..1000' }, courses: [course('poll', 440, null)] },
  });
  assert.match(html, /The turn with the most fds over that with the fewest: 1\u202f000 watched over 1/);
});

test('the gallery has a card for each run with its machine, tally, figures and chart, and its report behind it', async () => {
  const html = await renderGallery(
    runs.slice(0, 2).map((run, at) => ({ run, href: `${foldersOf(runs)[at]}/index.html` })),
  );
  assert.equal(html.match(/<article class="card"/g)?.length, 2);
  assert.equal(html.match(/<figure class="chart" id="chart-cost-of-watching-\d"/g)?.length, 2);
  assert.match(html, /of the answer.*?4 holds.*?1 fails/s);
  assert.match(html, /href="20260101T000000Z-0000\/index\.html"/);
  assert.match(html, /How often the turn with 1 watched goes into that with/);
  assert.doesNotMatch(html, /https?:|NaN|<script(?! type="module">)/);
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
});

test('two copies of one run have folders of their own, and the folder needs nothing beside it', async () => {
  assert.deepEqual(foldersOf([{ id: 'a' }, { id: 'b' }, { id: 'a' }]), ['a', 'b', 'a-2']);
  // Of few cells, none of which has a model: its whole report is drawn twice, and its figures are not looked at.
  const first = exampleRun({
    cells: (runs[0]?.cells ?? []).filter(({ experiment }) => experiment === 'highest-fd'),
    claims: (runs[0]?.claims ?? []).slice(0, 1),
  });
  const source = join(folder, 'run');
  mkdirSync(source);
  writeFileSync(join(source, 'run.json'), JSON.stringify(first));
  const { id, planHash, seed } = first;
  writeFileSync(
    join(source, 'samples.ndjson'),
    `${JSON.stringify({ kind: 'run', schemaVersion: 2, id, planHash, seed })}\n`,
  );
  const out = join(folder, 'out');
  mkdirSync(out);
  const page = await writeGallery(out, [source, source]);
  assert.deepEqual(readdirSync(out).sort(), [id, `${id}-2`, 'index.html'].sort());
  for (const [, href = ''] of readFileSync(page, 'utf8').matchAll(/href="([^"#]+)"/g))
    assert.match(readFileSync(join(out, href), 'utf8'), /^<!doctype html>/);
});

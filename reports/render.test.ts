import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Claim } from '../harness/results/run-schema.js';
import { type ChartName, chartNames, charts } from './charts/registry.js';
import { verdictChart } from './charts/verdict.js';
import { write } from './figures.js';
import { claimFile } from './pages/claim-file.js';
import { pages } from './pages/registry.js';
import { renderPage, renderReport } from './render.js';
import { sidesOf } from './sections/support.js';
import { exampleClaims } from './testing/example-claims.js';
import { effect } from './testing/example-figures.js';
import { exampleRun } from './testing/example-run.js';
import { NAME_OF_OURS } from './testing/name-of-ours.js';
import { text } from './testing/text.js';
import { pageScript } from './theme/stylesheet.js';

const figureOf = (html: string, name: ChartName): string => {
  const [whole] = html.match(new RegExp(`<figure[^>]*id="chart-${name}".*?</figure>`, 's')) ?? [];
  return whole ?? '';
};

/** The report of the example run, drawn once for all tests that only read it. */
const run = exampleRun();
const report = renderReport(run);

test('every page is one document that runs our own scripts and leads nowhere but to the other pages', async () => {
  const files = [
    ...Object.values(pages).map(({ file }) => file),
    ...exampleClaims.map(({ id }) => claimFile(id)),
  ];
  // Nothing but this loads what the pages share.
  const loader = "document.head.append(Object.assign(document.createElement('script'),{src:'report.js'}))";
  const scripts = [loader, await pageScript('explore.js')];
  const asElement = (script: string) => `<script type="module">${script}</script>`;
  const hash = (script: string) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
  const style = '<link rel="stylesheet" href="report.css"/>';
  const outside = new RegExp(`(src|href)="(?!#|(${files.join('|')})["#])`);
  const rendered = await report;
  assert.deepEqual([...rendered.keys()], [...files, 'report.css', 'report.js']);
  assert.doesNotMatch(rendered.get('report.css') ?? '', /https?:|url\(|@import/);
  for (const [file, whole] of rendered) {
    if (!file.endsWith('.html')) continue;
    assert.equal(whole.split(style).length, 2, file);
    const html = whole.replace(style, '');
    const own = file === pages.explore.file ? scripts : scripts.slice(0, 1);
    const without = own.reduce((rest, script) => {
      assert.equal(rest.split(asElement(script)).length, 2, file);
      return rest.replace(asElement(script), '');
    }, html);
    assert.match(html, /^<!doctype html>\n<html lang="en">/);
    assert.doesNotMatch(html, outside);
    assert.doesNotMatch(html, /https?:/);
    assert.doesNotMatch(without, /<script|<link|<iframe|url\(|@import|<[^>]* on[a-z]+=/);
    assert.match(html, /Content-Security-Policy" content="default-src 'none'/);
    assert.ok(html.includes(`script-src ${own.map(hash).join(' ')} 'strict-dynamic';`), file);
    assert.ok(html.includes(`style-src 'self' file:;`), file);
  }
});

test('every colour that a page names is one that the style sheet has', async () => {
  const rendered = await report;
  const named = (text: string) => [...text.matchAll(/var\((--[\w-]+)/g)].map(([, name]) => name);
  const defined = new Set(
    [...(rendered.get('report.css') ?? '').matchAll(/(--[\w-]+):/g)].map(([, name]) => name),
  );
  for (const [file, text] of rendered)
    for (const name of named(text)) assert.ok(defined.has(name), `${file}: ${name}`);
});

test('every id is there once in its page, and every link leads to one', async () => {
  const rendered = await report;
  const idsOf = (html = '') => [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  for (const [file, html] of rendered) {
    const ids = idsOf(html);
    assert.equal(new Set(ids).size, ids.length, file);
    const missing = [...html.matchAll(/ href="([^"#]*)#([^"]+)"/g)].filter(
      ([, page, id]) => !idsOf(rendered.get((page || file) as typeof file)).includes(id ?? ''),
    );
    assert.deepEqual(
      missing.map(([link]) => link),
      [],
      file,
    );
  }
});

test('the pages lead to each other, and each says which it is', async () => {
  for (const [file, html] of await report) {
    if (!file.endsWith('.html')) continue;
    for (const page of Object.values(pages)) assert.ok(html.includes(`<a href="${page.file}"`), page.file);
    assert.deepEqual(
      [...html.matchAll(/<a href="([^"]+)" aria-current="page"/g)].map(([, open]) => open),
      file.startsWith('claim-') ? [] : [file],
    );
  }
});

test('every chart stands on a page, and the table beside it lists exactly the figures that it draws', async () => {
  const rendered = [...(await report).values()];
  for (const name of chartNames) {
    const chart = charts[name](run);
    assert.equal(chart.status, 'drawn', `${name}: ${chart.status === 'absent' ? chart.reason : ''}`);
    if (chart.status !== 'drawn') continue;
    const homes = rendered.map((html) => figureOf(html, name)).filter((figure) => figure !== '');
    assert.ok(homes.length > 0, `${name} stands on a page`);
    for (const home of homes) {
      const cells = [...home.matchAll(/<td>(.*?)<\/td>/gs)].flatMap(([, cell = '']) => cell.split('<br/>'));
      const listed = cells
        .map((cell) => text(cell.replace(/<\/?sup[^>]*>/g, '')).trim())
        .filter((cell) => cell !== '—');
      const known: string[] = chart.panels.flatMap(({ points }) =>
        points.map((point) => {
          const { value, interval } = write(point);
          return text(`${value}${point.flags.length > 0 ? '†' : ''} ${interval}`).trim();
        }),
      );
      assert.deepEqual(listed.sort(), known.sort(), name);
    }
    for (const { spec, points, omitted, title } of chart.panels) {
      const { values } = spec.data as { values: { value: number }[] };
      assert.equal(values.length, points.length - omitted, `${name}: ${title}`);
      const inTable = new Set(points.map(({ value }) => value));
      assert.ok(
        values.every(({ value }) => inTable.has(value)),
        `${name}: ${title}`,
      );
    }
  }
});

test('the first page has three findings, and every sentence with the figure that it turns on', async () => {
  const html = (await report).get(pages.overview.file) ?? '';
  const page = text(html);
  assert.match(
    page,
    /7 sentences of the answer judged: 4 hold, 1 holds under a condition, 1 fails and 1 is undecided\./,
  );
  const [findings = ''] = html.match(/<ol class="findings".*?<\/ol>/s) ?? [];
  assert.equal(findings.match(/<li>/g)?.length, 3);
  assert.match(findings, /href="claim-highest-fd\.html"/);
  for (const { id, statement } of exampleClaims) {
    const [row = ''] = html.match(new RegExp(`<tr id="claim-${id}".*?</tr>`, 's')) ?? [];
    assert.ok(text(row).includes(statement), id);
    assert.ok(row.includes(`href="claim-${id}.html"`), id);
  }
  assert.match(page, /differ by 0\.10 % : nothing smaller is called a difference/);
});

test('the page of a claim has its rule, its mechanism, all its figures and what it depends on', async () => {
  const rendered = await report;
  for (const claim of exampleClaims) {
    const html = rendered.get(claimFile(claim.id)) ?? '';
    const page = text(html);
    assert.ok(page.toLowerCase().includes(claim.statement.toLowerCase()), claim.id);
    for (const { name } of claim.effects) assert.ok(html.includes(`title="${name}"`), name);
    for (const id of ['chart', 'mechanism', 'measured', 'change', 'data'])
      assert.ok(html.includes(`<section id="${id}"`), `${claim.id}: ${id}`);
  }
  const pageOf = (id: string) => text(rendered.get(claimFile(id)) ?? '');
  assert.match(pageOf('few-sockets-cpu'), /Holds when the instance is fresh at every turn/);
  assert.match(pageOf('few-sockets-cpu'), /A made-up rule: holds if the interval lies in 0\.9 to 1\.1/);
  assert.match(pageOf('epoll-20-bytes'), /Missing: root, to read the kernel’s slabs/);
});

test('what supports a verdict stands before what speaks against it', () => {
  const ruled = (name: string, low: number, high: number) => ({
    ...effect(name, (low + high) / 2, 'ratio'),
    low,
    high,
    limits: { from: 2 },
  });
  const [claim] = exampleClaims;
  assert.ok(claim);
  const effects = [
    ruled('near', 2.1, 2.2),
    ruled('far', 9, 10),
    ruled('open', 1.9, 2.1),
    ruled('out', 1, 1.1),
  ];
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
  const held = sidesOf({ ...claim, verdict: 'holds-when', condition: 'x', effects } as Claim);
  assert.deepEqual(
    [names(held.support), names(held.against), names(held.open)],
    [['far', 'near'], ['out'], ['open']],
  );
  const failed = sidesOf({ ...claim, verdict: 'fails', effects } as Claim);
  assert.deepEqual([names(failed.support), names(failed.against)], [['out'], ['far', 'near']]);
});

test('hundreds of effects fold into series, a line each', async () => {
  const html = (await report).get(claimFile('few-sockets-cpu')) ?? '';
  const lines = [...html.matchAll(/<details class="series"><summary>(.*?)<\/summary>/gs)].map(
    ([, line]) => line,
  );
  assert.equal(lines.length, 18);
  assert.match(
    text(lines[0] ?? ''),
    /^select over epoll: the set stays, nothing ready, returns at once \(13 figures, 1\.22× to 1\.60×\)$/,
  );
});

test('a verdict leads to the charts of what decided it, and each of these back to it', async () => {
  const rendered = await report;
  const has = (file: string, href: string) =>
    assert.ok(rendered.get(file as 'index.html')?.includes(`href="${href}"`), `${file}: ${href}`);
  has(claimFile('few-sockets-cpu'), 'turns.html#chart-few-sockets');
  has(claimFile('epoll-20-bytes'), 'memory.html#chart-memory-per-fd');
  assert.ok(
    figureOf(rendered.get(pages.turns.file) ?? '', 'few-sockets').includes(
      'href="claim-few-sockets-cpu.html"',
    ),
  );
});

test('the chart of a verdict has the verdict’s own figures, and the limits of its rule', () => {
  for (const claim of exampleClaims) {
    const chart = verdictChart(claim);
    assert.equal(chart.status, 'drawn', claim.id);
    if (chart.status !== 'drawn') continue;
    const own = claim.effects.map(({ value, low, high }) => [value, low, high].join());
    for (const { value, low, high } of chart.panels.flatMap(({ points }) => points))
      assert.ok(own.includes([value, low, high].join()), claim.id);
  }
  const [claim] = exampleClaims;
  const effects = [
    { ...effect('growth', 27, 'ratio', true, { poller: 'poll' }), limits: { from: 20, to: 40 } },
  ];
  const drawn = JSON.stringify(verdictChart({ ...claim, effects } as Claim));
  assert.match(drawn, /"limit":20.*"limit":40/);
});

test('a chart of a verdict draws the interval that the verdict has', () => {
  const effects = new Map(
    exampleClaims.flatMap(({ effects: of }) => of.map((each) => [each.value, each] as const)),
  );
  for (const name of ['few-sockets', 'workload-grid'] as const) {
    const chart = charts[name](run);
    assert.equal(chart.status, 'drawn');
    if (chart.status !== 'drawn') continue;
    for (const { value, low, high } of chart.panels.flatMap(({ points }) => points)) {
      const { low: lowest, high: highest } = effects.get(value) ?? {};
      assert.deepEqual([low, high], [lowest, highest]);
    }
  }
});

test('the table of servers has a row for each poller, and names the regime and who is saturated', async () => {
  const html = (await report).get(pages.server.file) ?? '';
  const [section = ''] =
    html.match(/<section id="server-table".*?<section id/s) ??
    html.match(/<section id="server-table".*/s) ??
    [];
  const page = text(section);
  assert.match(page, /Few in closed loop: 1 connection asks again once answered Poller 0 idle connections/);
  assert.match(page, /Open loop: 2 000 requests a second, evenly spread/);
  assert.match(page, /select-wide .*? saturated .*? poll .*? epoll/);
});

test('the ledger says what is computed, what was read, and how far apart they are', async () => {
  const html = (await report).get(pages.memory.file) ?? '';
  assert.match(text(html), /Computed, not measured , unless it says read/);
  assert.match(text(html), / 5 000 select-wide .*? read .*?, \+1\.0 %/);
  assert.doesNotMatch(text(html), /The two ways of counting disagree/);
  assert.match(text(html), /watched fds Poller computed \/proc\/slabinfo cgroup 1, memory\.kmem/);
  assert.match(text(html), / 5 000 epoll .*?\+1\.0 %, agrees .*?\+26\.2 %, differs/);
  const warning = { code: 'ledger-disagrees', message: 'memory: far apart', advice: 'run it again' };
  const warned = text(await renderPage(pages.memory, exampleRun({ warnings: [warning] })));
  assert.match(warned, /disagree by more than 15 %\. memory: far apart\. run it again/);
});

test('the models say what each term is paid for, whether they are accepted, and what they do not know', async () => {
  const page = text((await report).get(pages.model.file) ?? '');
  assert.match(page, /c2 each watched fd/);
  assert.match(page, /accepted up to 5 % and 15 % (accepted|refused)/);
  assert.match(page, /not distinguishable from 0/);
  assert.match(page, /predicted, poll − epoll measured residual closes/);
  assert.match(page, /What the model does not know/);
});

test('no name of a figure, a factor or a metric stands in a sentence, but where it is set as code', async () => {
  for (const [file, html] of await report) {
    if (!file.endsWith('.html')) continue;
    const words = text(html.replace(/<(script|code)\b.*?<\/\1>/gs, ''));
    assert.deepEqual(NAME_OF_OURS.exec(words)?.slice() ?? [], [], file);
  }
  assert.ok(run.claims.flatMap(({ effects }) => effects).some(({ name }) => NAME_OF_OURS.test(name)));
});

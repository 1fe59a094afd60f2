import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import type { Run } from '../../harness/results/run-schema.js';
import { figure, measured } from '../testing/example-figures.js';
import { emptyRun, exampleRun } from '../testing/example-run.js';
import { fromZero, ticksOf } from './axis.js';
import type { ChartSpec, Panel } from './chart.js';
import { leanSvg, signsOnce } from './lean-svg.js';
import { isSaturated, ourServers } from './regimes.js';
import { type ChartName, chartNames, charts } from './registry.js';
import { ChartError, renderSvg } from './svg.js';

const schema = createRequire(import.meta.url)('vega-lite/vega-lite-schema.json') as object;

const drawn = (name: ChartName, run: Run): ChartSpec => {
  const chart = charts[name](run);
  assert.equal(chart.status, 'drawn', chart.status === 'absent' ? chart.reason : '');
  return chart as ChartSpec;
};

/** Every panel of the example run, drawn once for all tests that only look. */
const example = exampleRun();
const panels: readonly Panel[] = chartNames.flatMap((name) => drawn(name, example).panels);
const pictures: readonly Promise<readonly [Panel, string]>[] = panels.map(
  async (panel) => [panel, await renderSvg(panel.title, panel.spec)] as const,
);

const reasonOf = (name: ChartName, run: Run): string => {
  const chart = charts[name](run);
  assert.equal(chart.status, 'absent');
  return chart.status === 'absent' ? chart.reason : '';
};

const turn = { ready: 0, position: 'none', timeout: 'zero', wakesPerSecond: 0 };
const usual = { temperature: 'hot', fileTable: 'private', socket: 'tcp' };

test("every spec is valid by Vega-Lite's own schema", () => {
  // Each definition compiled once and as it is: it is used a hundred times, and compiling is what takes long.
  const options = { strict: false, validateFormats: false, inlineRefs: false, code: { optimize: false } };
  const validate = new Ajv(options).compile(schema);
  for (const { title, spec } of panels) {
    assert.ok(validate(spec), `${title}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
  }
});

test('every panel becomes SVG with a label and a mark that says what it is for each of its figures', async () => {
  for (const [panel, svg] of await Promise.all(pictures)) {
    assert.match(svg, /^<svg viewBox="0 0 \d+ \d+" role="img" aria-label="[^"]{20,}">/);
    const marks = svg.match(/<(?:path class="point"|use )[^>]*><title>[^<]+<\/title>/g) ?? [];
    assert.equal(marks.length, panel.points.length - panel.omitted, panel.title);
  }
});

test('a poller has the same colour and shape in every panel', async () => {
  const signs = new Map<string, string>();
  for (const [panel, svg] of await Promise.all(pictures)) {
    const { values } = panel.spec.data as { values: { poller: string }[] };
    for (const poller of new Set(values.map((value) => value.poller).filter((name) => name !== ''))) {
      assert.ok(svg.includes(`var(--p-${poller})`), `${panel.title}: ${poller}`);
    }
    for (const [, sign = '', words = ''] of svg.matchAll(/<use href="(#\w+)"[^>]*><title>([^<]*)/g)) {
      const [, poller] = /, ([a-z_-]+): /.exec(words) ?? [];
      if (poller === undefined) continue;
      assert.equal(signs.get(poller) ?? sign, sign, `${panel.title}: ${words}`);
      signs.set(poller, sign);
    }
  }
  assert.ok(signs.size > 3 && new Set(signs.values()).size === signs.size);
});

test('a picture says once what its marks have in common, and loses none of them', () => {
  const mark = (x: number, ink: string) =>
    `<path aria-label="${ink} ${x}" role="graphics-symbol" transform="translate(${x}.04,2)" d="M0,-4.07L4.07,0Z" fill="${ink}" stroke="x" opacity="1"/>`;
  const lean = leanSvg(
    '<svg viewBox="0 0 9 9"><path class="background" d="M0,0Z"/><g class="mark-group role-frame"><g class="mark-group"/>' +
      '<g class="mark-rule role-mark"><line transform="translate(1,2.333)" x2="0" y2="5" stroke="a"/><line transform="translate(3,4)" x2="7" y2="0" stroke="a"/></g>' +
      `<g class="mark-symbol">${mark(1, 'a')}${mark(2, 'a')}${mark(3, 'b')}</g></g></svg>`,
  );
  const [sign = ''] = /s[0-9a-f]{4}/.exec(lean) ?? [];
  assert.equal(
    lean,
    `<svg viewBox="0 0 9 9"><defs><path id="${sign}" d="M0-4.1l4.1 4.1z"/></defs><path stroke="a" d="M1 2.3v5m2-3.3h7"/>` +
      `<g stroke="x"><g fill="a"><use href="#${sign}" x="1" y="2"><title>a 1</title></use><use href="#${sign}" x="2" y="2"><title>a 2</title></use></g>` +
      `<use href="#${sign}" x="3" y="2" fill="b"><title>b 3</title></use></g></svg>`,
  );
  assert.equal(signsOnce(lean + lean).split('<defs>').length, 2);
  assert.throws(() => leanSvg('<svg viewBox="0 0 9 9"><g <</svg>'), SyntaxError);
});

test('a chart says why a run cannot draw it', () => {
  for (const name of chartNames) {
    assert.match(
      reasonOf(name, emptyRun()),
      /^experiment \S+ was not part of this run$|this run measured too few cells/,
    );
  }
  const skipped = {
    id: 'highest-fd',
    status: 'skipped',
    reason: 'no time',
    rounds: 0,
    launches: 0,
    seconds: 0,
  } as const;
  assert.equal(
    reasonOf('cost-by-number', emptyRun({ experiments: [skipped] })),
    'experiment highest-fd is skipped: no time',
  );
  const noCells = { id: 'watched-fds', status: 'completed', rounds: 1, launches: 1, seconds: 1 } as const;
  assert.equal(
    reasonOf('cost-by-count', emptyRun({ experiments: [noCells] })),
    'experiment watched-fds measured no cell',
  );
});

test('a chart of a verdict says what the verdict lacks', () => {
  assert.match(
    reasonOf('few-sockets', exampleRun({ claims: [] })),
    /^claim few-sockets-cpu, whose figures it shows, was not judged in this run$/,
  );
  const [judged] = example.claims;
  assert.ok(judged);
  const { id, kind, source, statement, rule, evidence, finding, explanation } = judged;
  const base = { id, kind, source, statement, rule, evidence, finding, explanation };
  const claims = [{ ...base, verdict: 'undecided' as const, missing: 'a C compiler', effects: [] }];
  assert.equal(
    reasonOf('few-sockets', exampleRun({ claims })),
    'claim few-sockets-cpu, whose figures it shows, is undecided: a C compiler',
  );
});

test('servers are compared under one load, one app and one file table, and saturation shows in their counters', () => {
  const chart = drawn('server-cost', example);
  assert.deepEqual(
    chart.panels.map(({ points }) => [...new Set(points.map(({ x }) => x))]),
    [
      [0, 1_000, 19_000],
      [0, 1_000, 19_000],
    ],
  );
  // Poller by count: no second cell of the same place, such as the one with a shared table.
  for (const { points } of chart.panels) assert.equal(points.length, 9);
  const open = ourServers(example).filter(({ factors }) => factors.phase === 'spread');
  const saturated = open.filter(isSaturated).map(({ poller, factors }) => `${poller} ${factors.idle}`);
  assert.deepEqual(saturated, ['select-wide 19000', 'poll 19000']);
});

test('an axis with a place for zero begins at zero and has it among its labels', () => {
  const axis = fromZero('idle connections', 'count', [0, 1_000, 19_000]);
  assert.deepEqual(axis.domain, [0, 20_000]);
  assert.deepEqual(ticksOf(axis), [0, 1_000, 2_000, 5_000, 10_000, 20_000]);
  assert.deepEqual(ticksOf(fromZero('nothing', 'count', [0, 0])), [0, 1]);
});

test('without a C compiler the chart of the binding names it as the reason', () => {
  const run = exampleRun();
  const cells = run.cells
    .filter(({ series }) => series !== 'c-twin')
    .map((cell) => {
      if (cell.status !== 'measured') return cell;
      const { bindingNsPerTurn: _, netNsPerTurn: __, ...metrics } = cell.metrics;
      return { ...cell, metrics };
    });
  const without = exampleRun({ cells, environment: { ...run.environment, cc: null } });
  assert.match(reasonOf('binding', without), /no C compiler/);
});

test('an interval that reaches zero is cut off at the floor of a logarithmic axis', async () => {
  const wide = { value: 5, low: -3, high: 20, unit: 'ns', n: 3, launches: 1 } as const;
  const cells = [1, 10].map((watched) =>
    measured('watched-fds', 'poll', { watched, ...turn, ...usual }, { cpuNsPerTurn: { ...wide } }),
  );
  const experiments = exampleRun().experiments;
  const [panel] = drawn('cost-by-count', emptyRun({ cells, experiments })).panels;
  assert.ok(panel);
  assert.equal(panel.points[0]?.low, -3);
  const { values } = panel.spec.data as { values: { bandLow: number }[] };
  assert.ok(values.length === 2 && values.every(({ bandLow }) => bandLow > 0));
  await renderSvg(panel.title, panel.spec);
});

test('a figure of zero has no place on a logarithmic axis and does not spoil the chart', async () => {
  const cells = [1, 10, 100].map((watched) =>
    measured(
      'watched-fds',
      'epoll',
      { watched, ...turn, ...usual },
      { cpuNsPerTurn: figure(watched - 1, 'ns') },
    ),
  );
  const [panel] = drawn('cost-by-count', emptyRun({ cells, experiments: exampleRun().experiments })).panels;
  assert.ok(panel);
  assert.equal(panel.points.length, 3);
  assert.equal(panel.omitted, 1);
  assert.doesNotMatch(await renderSvg(panel.title, panel.spec), /NaN/);
});

test('a single count is drawn too', async () => {
  const cells = [
    measured(
      'watched-fds',
      'epoll',
      { watched: 100, ...turn, ...usual },
      { cpuNsPerTurn: figure(300, 'ns') },
    ),
  ];
  const [panel] = drawn('cost-by-count', emptyRun({ cells, experiments: exampleRun().experiments })).panels;
  assert.ok(panel);
  await renderSvg(panel.title, panel.spec);
});

test('conditions are never mixed: what differs in more than the count is another panel or left out', () => {
  const point = (watched: number, changes: object) =>
    measured(
      'watched-fds',
      'epoll',
      { watched, ready: 1, position: 'last', timeout: 'slept', wakesPerSecond: 500, ...usual, ...changes },
      { cpuNsPerTurn: figure(300, 'ns') },
    );
  const cells = [1, 10].flatMap((watched) => [
    point(watched, {}),
    point(watched, { wakesPerSecond: 2000 }),
    point(watched, { socket: 'unix' }),
    point(watched, { temperature: 'cold' }),
  ]);
  const { panels } = drawn('cost-by-count', emptyRun({ cells, experiments: exampleRun().experiments }));
  assert.deepEqual(
    panels.map(({ title, points }) => [title.replace(/\u202f/g, ' '), points.length]),
    [
      ['Asleep, woken 500 times a second', 2],
      ['Asleep, woken 2 000 times a second', 2],
    ],
  );
});

test('a picture that is not sound fails with the name of its chart', async () => {
  const spec = {
    data: { values: [{ x: 0, y: 1 }] },
    mark: 'bar',
    encoding: {
      x: { field: 'x', type: 'quantitative', scale: { type: 'log' } },
      y: { field: 'y', type: 'quantitative' },
    },
  } as const;
  await assert.rejects(renderSvg('the bad one', spec as never), (error: unknown) => {
    assert.ok(error instanceof ChartError);
    assert.match(error.message, /^chart the bad one: /);
    return true;
  });
});

for (const text of [
  'NaN',
  'undefined',
  'Infinity…',
  'a text for which no label has room, of a hundred letters in all',
]) {
  test(`a factor's text stays text: '${text}'`, async () => {
    const run = { ...example, cells: example.cells.map((cell) => withText(cell, text)) };
    const [panel] = drawn('temperature', run).panels;
    assert.ok(panel);
    const svg = await renderSvg('temperature', panel.spec);
    assert.ok(svg.includes(`>${text.slice(0, 10)}`));
    assert.ok(
      panel.points.some(({ label }) => label === text),
      'the table has it whole',
    );
  });
}

const withText = (cell: Run['cells'][number], text: string): Run['cells'][number] =>
  cell.factors.temperature === 'cold' ? { ...cell, factors: { ...cell.factors, temperature: text } } : cell;

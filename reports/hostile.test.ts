import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../harness/results/run-schema.js';
import { claimPage } from './pages/claim.js';
import { renderPage, renderReport } from './render.js';
import { exampleClaims } from './testing/example-claims.js';
import { emptyRun, exampleRun } from './testing/example-run.js';
import { pageScript } from './theme/stylesheet.js';

/** Texts of a run that would be more than text. */

const run = exampleRun();

test('whatever a run contains stays text', async () => {
  const evil = `<script>alert('x')</script>"><img src=http://x>`;
  const [claim] = exampleClaims;
  const [experiment] = run.experiments;
  assert.ok(claim && experiment);
  const bad: Run = exampleRun({
    warnings: [{ code: evil, message: evil, advice: evil }],
    claims: [{ ...claim, id: evil, statement: evil, explanation: evil, evidence: [evil] }],
    experiments: [
      { ...experiment, status: 'skipped', reason: evil },
      { ...experiment, id: 'watched-fds', status: 'completed' },
    ],
    environment: { ...run.environment, kernel: evil, cpuModel: evil, mitigations: [evil] },
  });
  const html = [...(await renderReport(bad)).values()].join('');
  assert.doesNotMatch(html, /<script(?! type="module")|<img/);
  assert.match(html, /&lt;script/);
});

/** What each page begins the script beside it with. */
const LOADER = "document.head.append(Object.assign(document.createElement('script'),{src:'report.js'}))";

const HOSTILE: readonly (readonly [what: string, text: string])[] = [
  ['tags', `<script>alert(1)</script>"><img src=x onerror=alert(1)>'`],
  ['an address that runs', 'javascript:alert(1)'],
  ['controls of direction', '\u202eevil\u2066\u200f'],
  ['ten thousand letters', `${'long '.repeat(2_000)}end`],
  ['what looks like a bad figure', 'NaN undefined Infinity …'],
];

/** A run in which every text that anybody may write is this one. */
const saying = (words: string): Run => ({
  ...run,
  warnings: [{ code: words, message: words, advice: words }],
  environment: { ...run.environment, kernel: words, cpuModel: words, node: words, mitigations: [words] },
  experiments: run.experiments.map((each) => ('reason' in each ? { ...each, reason: words } : each)),
  cells: run.cells.map((cell) => ({
    ...cell,
    flags: [words],
    factors: Object.fromEntries(
      Object.entries(cell.factors).map(([name, value]) => [
        name,
        ['socket', 'fileTable', 'phase', 'app'].includes(name) ? words : value,
      ]),
    ),
    ...(cell.status === 'measured' ? {} : { reason: words }),
  })) as Run['cells'],
  claims: run.claims.map((claim) => ({
    ...claim,
    ...{
      id: `${claim.id} ${words}`,
      statement: words,
      finding: words,
      explanation: words,
      evidence: [words],
    },
    rule: { version: 1, text: words },
    ...(claim.verdict === 'undecided' ? { missing: words } : {}),
    ...(claim.verdict === 'holds-when' ? { condition: words } : {}),
    effects: claim.effects.map((each) => ({
      ...each,
      name: words,
      factors: { ...each.factors, poller: 'epoll', phase: words },
    })),
  })) as Run['claims'],
});

for (const [what, words] of HOSTILE) {
  test(`${what} in every text of a run stay text on every page, and end no report`, async () => {
    const explore = await pageScript('explore.js');
    for (const [file, html] of await renderReport(saying(words))) {
      if (file.endsWith('.js')) continue;
      const without = html.replace(LOADER, '').replace(explore, '');
      assert.doesNotMatch(without, /<script(?! type="module"><\/)|<img/, file);
      // Within an attribute's quotes it is text.
      assert.doesNotMatch(without.replace(/"[^"]*"/g, '""'), /<[^>]* on[a-z]+=/, file);
      assert.doesNotMatch(without, /(?:href|src)="(?!#|[a-z0-9-]+\.html|report\.css")/, file);
      assert.doesNotMatch(without, /\p{Bidi_Control}/u, file);
    }
  });
}

test('controls in a claim are shown: what reads LIVE is not EVIL', async () => {
  const [claim] = exampleClaims;
  assert.ok(claim);
  const hostile = { ...claim, explanation: '\u202eLIVE\u202c and \u2066\u001b[2J' };
  const html = await renderPage(claimPage(hostile, emptyRun()), emptyRun({ claims: [hostile] }));
  assert.match(html, /\[U\+202E\]LIVE\[U\+202C\] and \[U\+2066\]\[U\+001B\]\[2J/);
  assert.doesNotMatch(html, /\p{Bidi_Control}/u);
});

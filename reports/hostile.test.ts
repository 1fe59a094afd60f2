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
    cells: run.cells.filter((cell) => cell.experiment === 'highest-fd'),
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

interface Hostile {
  readonly what: string;
  readonly text: string;
  /** How it stands on a page. */
  readonly shown: string;
  /** What a page that took it for more than text would have. */
  readonly never: readonly RegExp[];
}

const HOSTILE: readonly Hostile[] = [
  {
    what: 'tags',
    text: `<script>alert(1)</script>"><img src=x onerror=alert(1)>'`,
    shown: '&lt;script>alert(1)&lt;/script>',
    // Within an attribute's quotes it is text.
    never: [/<script(?! type="module"><\/)|<img/, /<(?:[^>"]|"[^"]*")* on[a-z]+=/],
  },
  {
    what: 'an address that runs',
    text: 'javascript:alert(1)',
    shown: 'javascript:alert(1)',
    never: [/(?:href|src)="(?!#|[a-z0-9-]+\.html|report\.css")/],
  },
  {
    what: 'controls of direction',
    text: '\u202eevil\u2066\u200f',
    shown: '[U+202E]evil[U+2066][U+200F]',
    never: [/\p{Bidi_Control}/u],
  },
  { what: 'ten thousand letters', text: `${'long '.repeat(2_000)}end`, shown: 'long long end', never: [] },
  {
    what: 'what looks like a bad figure',
    text: 'NaN undefined Infinity …',
    shown: 'NaN undefined Infinity …',
    never: [],
  },
];

/** One of them after the other, over and over. */
const alone = (at: number): string => HOSTILE[at % HOSTILE.length]?.text ?? '';
/** All of them, for what a run has only once; another one comes first. */
const together = (first: number): string => HOSTILE.map((_, at) => alone(first + at)).join(' ');
const each = HOSTILE.map(({ text }) => text);

/** By name, so that cells that are to be compared still have it in common. */
const FACTORS = ['socket', 'fileTable', 'phase', 'app'];

/** A run in which every text that anybody may write is one of these, or all of them. */
const hostileRun = (): Run => ({
  ...run,
  warnings: each.map((text, at) => ({ code: text, message: alone(at + 1), advice: alone(at + 2) })),
  environment: {
    ...run.environment,
    ...{ kernel: together(0), cpuModel: together(1), node: together(2), mitigations: each },
  },
  experiments: run.experiments.map((one, at) => ('reason' in one ? { ...one, reason: together(at) } : one)),
  cells: run.cells.map((cell, at) => ({
    ...cell,
    flags: [alone(at)],
    factors: Object.fromEntries(
      Object.entries(cell.factors).map(([name, value]) => [
        name,
        FACTORS.includes(name) ? together(FACTORS.indexOf(name)) : value,
      ]),
    ),
    ...(cell.status === 'measured' ? {} : { reason: together(at) }),
  })) as Run['cells'],
  claims: run.claims.map((claim, at) => ({
    ...claim,
    ...{
      id: `${claim.id} ${alone(at)}`,
      statement: alone(at),
      finding: alone(at + 1),
      explanation: alone(at + 2),
      evidence: each,
    },
    rule: { version: 1, text: alone(at + 3) },
    ...(claim.verdict === 'undecided' ? { missing: together(3) } : {}),
    ...(claim.verdict === 'holds-when' ? { condition: together(4) } : {}),
    effects: claim.effects.map((effect, index) => ({
      ...effect,
      name: alone(index),
      factors: { ...effect.factors, poller: 'epoll', phase: together(at) },
    })),
  })) as Run['claims'],
});

/** Drawn once: each text is in each place where a run can have several, and with the others where it can have one. */
const hostile = renderReport(hostileRun());

for (const { what, shown, never } of HOSTILE) {
  test(`${what} in every text of a run stay text on every page, and end no report`, async () => {
    const explore = await pageScript('explore.js');
    const pages = [...(await hostile)].filter(([file]) => !file.endsWith('.js'));
    for (const [file, html] of pages) {
      const without = html.replace(LOADER, '').replace(explore, '');
      for (const pattern of never) assert.doesNotMatch(without, pattern, file);
    }
    assert.ok(
      pages.some(([, html]) => html.includes(shown)),
      'it is shown',
    );
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

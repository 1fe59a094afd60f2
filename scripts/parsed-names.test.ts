import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, sourcesIn, withoutComments } from './testing/sources.js';

/**
 * What a figure is stands in its fields: its unit, what kind of ratio it is, its factors. Nobody finds it out from how a
 * metric, an effect, an experiment or an axis is called.
 */

const FOLDERS = [
  'reports',
  ...['claims', 'experiments', 'model', 'results', 'run'].map((name) => `harness/${name}`),
];

/** Where a name meets a regular expression, and why. */
const ALLOWED: Readonly<Record<string, string>> = {
  'reports/figures.ts':
    'spells out, for people, a name that this release has no words for; nothing is found out by it',
  'reports/charts/lean-svg.ts': 'no names of ours: those of attributes of SVG',
  'reports/pages/claim-file.ts':
    'whether a foreign run’s id may be the name of a file, a question of letters; nothing is found out by it',
};

const NAME = '(?:name|names|metric|metrics|title|xTitle|axis|id|experiment|poller|series|factor|subject)';
/** `/x/.test(effect.name)`, and `metric.match(/x/)`. */
const PARSED = new RegExp(
  `(?:/[a-z]*|\\b\\w+)\\.(?:test|exec)\\((?:[^()]*\\.)?${NAME}\\)|\\b${NAME}\\s*\\??\\.(?:match|matchAll|replace|replaceAll|search|split)\\(\\s*/`,
  'g',
);

const parsedIn = (text: string): string[] => withoutComments(text).match(PARSED) ?? [];

test('no regular expression reads a name', (t) => {
  if (!existsSync(join(ROOT, 'tsconfig.json'))) return void t.skip('there are no sources here');
  const parsing = sourcesIn(FOLDERS).filter(
    (path) => parsedIn(readFileSync(join(ROOT, path), 'utf8')).length > 0,
  );
  assert.deepEqual(parsing, Object.keys(ALLOWED));
});

test('such an expression is seen on either side of a name, and elsewhere none', () => {
  for (const code of [
    "if (/share/i.test(name)) return '%';",
    '/time/.exec(panel.xTitle)',
    'SHARE.test(effect.name)',
    'effect.name.match(/At(\\d+)$/)',
    "name\n    .replace(/[-_]+/g, ' ')",
  ])
    assert.equal(parsedIn(code).length, 1, code);
  for (const code of [
    '/[1-9]/.test(digits)',
    "id.split('/')",
    '// /share/.test(name)',
    'text.replace(/&/g, name)',
  ])
    assert.deepEqual(parsedIn(code), [], code);
});

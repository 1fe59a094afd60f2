import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { COMMON_VERSION } from './judge.js';
import { claims } from './registry.js';

/** A rule is its text and the code that judges by it: neither changes under its version. */

const root = fileURLToPath(new URL('../../../', import.meta.url));
const sourceOf = (name: string): string => readFileSync(join(root, 'harness/claims', name), 'utf8');

/** What decides beside a claim's own file: where limits lie, where figures cross them, which column of the ledger is read. */
const SHARED = ['claim.ts', 'boundary.ts', 'ledger.ts'];

/** Without imports, comments and layout, which judge nobody. */
const judging = (source: string): string =>
  source
    .replace(/^import [^;]*;$/gm, '')
    .replace(/^\s*(?:\/\*\*|\*|\/\/).*$/gm, '')
    .replace(/\s+/g, ' ');

const hashOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);

/** What every rule has in common: which cells count, how far two identical things differ, how many launches there must be, by what any of several decides. */
const COMMON = ['evidence.ts', 'joint.ts', 'judge.ts', 'noise-pairs.ts'];

const fixed = JSON.parse(sourceOf('fixed-rules.json')) as Record<string, { version: number; hash: string }>;
const common = { version: COMMON_VERSION, hash: hashOf(...COMMON.map(sourceOf).map(judging)) };
const rules = claims.map(({ id, rule }) => [
  id,
  {
    version: rule.version,
    hash: hashOf(rule.text, judging(sourceOf(`${id}.ts`)), ...SHARED.map(sourceOf).map(judging)),
  },
]);
const now: typeof fixed = { 'common conditions': common, ...Object.fromEntries(rules) };

for (const [id, rule] of Object.entries(now)) {
  test(`${id}: the rule is the one that its version names`, () => {
    const { version, hash } = fixed[id] ?? { version: 0, hash: '' };
    assert.ok(
      rule.hash === hash && rule.version === version,
      `the text or the judge of version ${version} has changed: if what it decides has, raise its version and say why in ` +
        `docs/rules.md; then let fixed-rules.json have "${id}": ${JSON.stringify(rule)}`,
    );
  });
}

test('docs/rules.md has the rules as they are judged, and the version of what they share', () => {
  const words = (text: string) => text.replace(/\s+/g, ' ');
  const page = words(readFileSync(join(root, 'docs/rules.md'), 'utf8'));
  assert.ok(page.includes(`Common conditions, version ${COMMON_VERSION}`));
  for (const { id, rule } of claims) {
    assert.ok(page.includes(`## ${id} `), id);
    assert.ok(page.includes(`Version ${rule.version}. ${words(rule.text)}`), id);
  }
});

test('a change of text or judge changes the hash, a comment or a moved import does not', () => {
  const source = "import { a } from './a.js';\n/** Why. */\nconst LIMIT = 2;\n";
  assert.equal(
    judging(source),
    judging("import { a } from '../b.js';\n// Other words.\nconst LIMIT =\n  2;\n"),
  );
  assert.notEqual(judging(source), judging(source.replace('2', '3')));
  assert.notEqual(hashOf('text', source), hashOf('texts', source));
});

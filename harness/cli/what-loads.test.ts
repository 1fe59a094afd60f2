import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** Everything that a module imports before it runs, and what that imports; packages by their names. */
function loadedBy(module: URL, seen = new Set<string>()): Set<string> {
  if (seen.has(module.href)) return seen;
  seen.add(module.href);
  for (const [, from = ''] of readFileSync(module, 'utf8').matchAll(/^(?:import|export) .*?'([^']+)';$/gm)) {
    if (from.startsWith('.')) loadedBy(new URL(from, module), seen);
    else seen.add(from);
  }
  return seen;
}

const loaded = (command: string) => [...loadedBy(new URL(`./${command}.js`, import.meta.url))];
const DEAR = /\/(experiments|claims)\/registry\.js$|\/results\/zod\.js$/;

test('what serves or holds to the contract loads no experiment, claim or schema: they take longer than its start', () => {
  for (const command of ['main', 'serve', 'check']) {
    assert.deepEqual(
      loaded(command).filter((module) => DEAR.test(module)),
      [],
      command,
    );
  }
  assert.equal(
    loaded('bench').filter((module) => DEAR.test(module)).length,
    3,
    'they are found where they are',
  );
});

test('the gate loads no experiment, which commands run for it, and nobody loads a writer or a bar before there is use for it', () => {
  assert.ok(!loaded('gate').some((module) => module.endsWith('/experiments/registry.js')));
  assert.ok(!loaded('gate').includes('junit-report-builder'));
  assert.ok(!loaded('bench').includes('cli-progress'));
});

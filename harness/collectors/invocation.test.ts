import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { asTyped, isCheckout } from './invocation.js';

const folder = mkdtempSync(join(tmpdir(), 'pollcost-typed-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const root = join(folder, 'node_modules/pollcost');
const bins = ['bin', 'node_modules/.bin'].map((name) => join(folder, name));
for (const path of [join(root, 'dist/harness/cli'), ...bins]) mkdirSync(path, { recursive: true });
writeFileSync(join(root, 'dist/harness/cli/main.js'), '');
for (const bin of bins) symlinkSync(join(root, 'dist/harness/cli/main.js'), join(bin, 'pollcost'));
const [global = '', local = ''] = bins;

test('advice in a checkout goes through npm', () => {
  assert.ok(isCheckout());
  assert.equal(asTyped('bench'), 'npm run bench');
  assert.equal(asTyped('bench --resume results/latest'), 'npm run bench -- --resume results/latest');
  assert.equal(asTyped('report'), 'npm run -s pollcost -- report');
});

test('advice in a package goes through npx, also while npx runs it', () => {
  assert.ok(!isCheckout(root));
  assert.equal(asTyped('bench', root, '/usr/bin'), 'npx pollcost bench');
  assert.equal(asTyped('bench', root, `${local}:/usr/bin`), 'npx pollcost bench');
});

test('where a shell finds this program by its name, and not another one, the name does', () => {
  assert.equal(asTyped('report', root, `/usr/bin:${global}`), 'pollcost report');
  writeFileSync(join(folder, 'other'), '');
  mkdirSync(join(folder, 'elsewhere'));
  symlinkSync(join(folder, 'other'), join(folder, 'elsewhere/pollcost'));
  assert.equal(asTyped('report', root, join(folder, 'elsewhere')), 'npx pollcost report');
});

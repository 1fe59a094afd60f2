import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** What npm would say of the packages that a lock file names, before it fetches any. */
function warningsOfInstalling(folder: string): string[] {
  const { status, stderr } = spawnSync(
    'npm',
    ['ci', '--dry-run', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'],
    { cwd: folder, encoding: 'utf8', timeout: 60_000 },
  );
  assert.equal(status, 0, stderr);
  return stderr.split('\n').filter((line) => line.includes('EBADENGINE') && line.includes('package:'));
}

test('npm warns of no locked package that asks for another Node than this one', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pollcost-locked-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(CHECKOUT, name), join(folder, name));
  assert.deepEqual(warningsOfInstalling(folder), []);
});

test('a locked package that asks for another Node is found', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pollcost-locked-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const root = { name: 'planted', version: '1.0.0', dependencies: { later: '1.0.0' } };
  const later = { version: '1.0.0', integrity: 'sha512-AAAA', engines: { node: '>=999' } };
  const packages = { '': root, 'node_modules/later': later };
  const lock = { ...root, lockfileVersion: 3, requires: true, packages };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(root));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  assert.match(warningsOfInstalling(folder).join(), /later@1\.0\.0/);
});

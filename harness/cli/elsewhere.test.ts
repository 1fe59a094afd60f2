import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exampleRun } from '../../reports/testing/example-run.js';
import { createRunFolder, writeRun } from '../results/run-folder.js';

/** The commands that need no Linux, where there is none. */

/** Loads nothing that only Linux has: what would be loaded there is refused before it is looked for. */
const ON_A_MAC = `
Object.defineProperty(process, 'platform', { value: 'darwin' });
const { register } = await import('node:module');
register('data:text/javascript,' + encodeURIComponent(\`
export async function resolve(specifier, context, next) {
  if (specifier === 'koffi' || specifier.includes('/libc/')) throw new Error('loaded ' + specifier);
  return next(specifier, context);
}\`));`;
const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

const onAMac = (...args: string[]) =>
  spawnSync(
    process.execPath,
    ['--no-warnings', '--import', `data:text/javascript,${encodeURIComponent(ON_A_MAC)}`, MAIN, ...args],
    { encoding: 'utf8', timeout: 60_000 },
  );

test('on macOS list works, and says of each poller that cannot run there why not', () => {
  const { status, stdout, stderr } = onAMac('list', 'pollers');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^epoll .*\(not here: it runs on linux; this is darwin\)$/m);
});

test('on macOS doctor, serve and check say what they lack instead of loading it', () => {
  const doctor = onAMac('doctor', '--speeds', '0.1', '--json');
  assert.doesNotMatch(doctor.stderr, /loaded (koffi|.*libc)/);
  assert.doesNotThrow(() => JSON.parse(doctor.stdout));
  for (const args of [
    ['serve', '--poller', 'epoll', '--app', 'fixed'],
    ['check', MAIN],
  ]) {
    const { status, stderr } = onAMac(...args);
    assert.equal(status, 2);
    assert.match(stderr, /this is darwin/);
  }
});

test('on macOS the pages of a run are built, runs are compared, and their models predict', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'pollcost-mac-')), 'run');
  try {
    createRunFolder(folder);
    writeRun(folder, exampleRun());
    for (const args of [
      ['report', folder, folder],
      ['compare', folder, folder],
    ]) {
      const { status, stderr } = onAMac(...args);
      assert.equal(status, 0, stderr);
    }
    for (const page of ['index.html', 'compare.html'])
      assert.ok(existsSync(join(folder, 'report', page)), page);
    const predicted = onAMac(
      'predict',
      '--poller',
      'epoll',
      '--watched',
      '10',
      '--ready',
      '1',
      '--run',
      folder,
    );
    assert.doesNotMatch(predicted.stderr, /loaded (koffi|.*libc)/);
  } finally {
    rmSync(dirname(folder), { recursive: true, force: true });
  }
});

test('where no poller runs bench refuses, and says where it does', () => {
  const elsewhere = ON_A_MAC.replace("'darwin'", "'aix'");
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', '--import', `data:text/javascript,${encodeURIComponent(elsewhere)}`, MAIN, 'bench'],
    { encoding: 'utf8', timeout: 60_000 },
  );
  assert.equal(status, 2, stderr);
  assert.match(stderr, /this is aix; run it on Linux or in a container/);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createPoller, loadedPollers } from './loaded.js';
import { manifest, POLLER_NAME, pollerNames } from './manifest.js';

test('every entry of the manifest has a name that can be typed, and a look that is its own', () => {
  for (const name of pollerNames) assert.match(name, POLLER_NAME);
  for (const part of ['light', 'dark', 'shape', 'layer'] as const) {
    const parts = Object.values(manifest).map(({ look }) => look[part]);
    assert.equal(new Set(parts).size, parts.length, part);
  }
});

test('a poller is what the manifest says: its name, and the call that it waits with', () => {
  for (const name of loadedPollers) {
    const poller = createPoller(name);
    assert.equal(poller.name, name);
    assert.equal(poller.native?.call().call, manifest[name]?.call, name);
    poller.close();
  }
});

test('a poller that there is not, or that cannot run here, is refused with the reason', () => {
  assert.throws(() => createPoller('kqeue'), /kqeue cannot be used: there is no such poller/);
});

/** Loads nothing that only Linux has: what would be loaded there is refused before it is looked for. */
const ON_A_MAC = `
Object.defineProperty(process, 'platform', { value: 'darwin' });
const { register } = await import('node:module');
register('data:text/javascript,' + encodeURIComponent(\`
export async function resolve(specifier, context, next) {
  if (specifier === 'koffi' || specifier.includes('/libc/')) throw new Error('loaded ' + specifier);
  return next(specifier, context);
}\`));`;
const MAIN = fileURLToPath(new URL('../harness/cli/main.js', import.meta.url));

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

test('on macOS doctor, bench, serve and check say what they lack instead of loading it', () => {
  const doctor = onAMac('doctor', '--json');
  assert.doesNotMatch(doctor.stderr, /loaded (koffi|.*libc)/);
  assert.doesNotThrow(() => JSON.parse(doctor.stdout));
  for (const args of [['bench'], ['serve', '--poller', 'epoll', '--app', 'fixed'], ['check', MAIN]]) {
    const { status, stderr } = onAMac(...args);
    assert.equal(status, 2);
    assert.match(stderr, /this is darwin/);
  }
});

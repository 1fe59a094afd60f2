import assert from 'node:assert/strict';
import { test } from 'node:test';
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

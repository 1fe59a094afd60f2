import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killRuns } from './kills.js';

test('20 runs that are ended at random leave readable folders, every finished round and no process', async () => {
  const { kills, broken } = await killRuns(
    20,
    4,
    { experiments: 'limits,file-table', latestMs: 1500 },
    () => {},
  );
  assert.deepEqual(broken, []);
  assert.ok(
    Object.values(kills).every((count) => count > 0),
    JSON.stringify(kills),
  );
});

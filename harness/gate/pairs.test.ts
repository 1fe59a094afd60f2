import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MetricResult } from './gate-schema.js';
import { measurePairs } from './pairs.js';
import type { Version } from './version.js';

/** A version whose launch takes so long and shows nothing. */
const lasting = (ms: number): Version => ({
  side: { label: 'planted', commit: null, dirty: false },
  launch: async () => {
    await sleep(ms);
    return new Map();
  },
  count: async () => new Map(),
});

const LAUNCH_MS = 40;
/** A pair that is not over before has no time: with room for this many launches. */
const measured = async (launches: number) => {
  const maxMs = LAUNCH_MS * launches;
  const startedMs = performance.now();
  let startedLast = startedMs;
  const { pairs, notes } = await measurePairs(
    lasting(LAUNCH_MS),
    lasting(LAUNCH_MS),
    { seed: 1, fewest: 12, most: 30, maxMs },
    startedMs,
    {
      stop: new AbortController().signal,
      look: (): MetricResult[] => [],
      launched: () => {
        startedLast = performance.now() - startedMs;
      },
    },
  );
  return { pairs: pairs.length, notes, startedLast, maxMs };
};

test('no pair is begun that would not be over in time, by what the others took', async () => {
  const { pairs, notes, startedLast, maxMs } = await measured(7);
  assert.ok(pairs >= 1 && pairs <= 3, `${pairs} pairs`);
  assert.ok(startedLast + 2 * LAUNCH_MS <= maxMs, `the last began after ${startedLast} of ${maxMs} ms`);
  assert.match(notes.join(), /pairs fitted into/);
});

test('one pair is measured however little time there is', async () => {
  assert.equal((await measured(0.1)).pairs, 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChildFailure } from '../processes/control/parent.js';
import { chooseCpus } from '../run/plan-context.js';
import { SpeedSampler } from './speed-sampler.js';

test('the speed is read before, during and after a window, window by window', async () => {
  const sampler = new SpeedSampler();
  try {
    await sampler.start(chooseCpus()?.subject ?? null);
    for (const answer of [1, 2]) {
      // Beside a busy machine's other processes no reading comes at its time: as many windows as it takes.
      for (let readings = 0; readings === 0; ) {
        const { result, speed } = await sampler.during(50, async () => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          return answer;
        });
        assert.equal(result, answer);
        const { before, during = [], after } = speed;
        assert.ok([before, ...during, after].every((ns) => ns > 0));
        readings = during.length;
      }
    }
  } finally {
    await sampler.end();
  }
});

test('a sampler on a CPU that there is not fails with its reason and leaves no process', async () => {
  await assert.rejects(
    new SpeedSampler().start(1000),
    (error) => error instanceof ChildFailure && /sched_setaffinity: EINVAL/.test(error.message),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedCpus } from '../collectors/environment.js';
import { chooseCpus } from './plan-context.js';
import { readSpeeds } from './speeds.js';

test('the sentinel is read with the other CPU left alone and kept busy, and its processes end', async () => {
  const cpus = chooseCpus();
  const { alone, besideBusy } = await readSpeeds(cpus, 0.2);
  assert.ok(alone.length >= 2 && alone.every((ns) => ns > 0), `${alone}`);
  if (cpus === null) assert.equal(besideBusy, null);
  else assert.ok(besideBusy && besideBusy.length >= 2 && besideBusy.every((ns) => ns > 0), `${besideBusy}`);
});

test('with one CPU nothing is said of another', async () => {
  assert.equal((await readSpeeds(null, 0.1)).besideBusy, null);
});

test('a CPU that there is not ends the reading with its reason', async () => {
  const [load = 0] = allowedCpus();
  await assert.rejects(readSpeeds({ subject: 1000, load }, 0.1), /speeds: sched_setaffinity: EINVAL/);
});

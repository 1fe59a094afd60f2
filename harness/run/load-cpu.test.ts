import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseLoadCpu } from './load-cpu.js';

/** Readings on a machine on which these CPUs share the subject's core; writes down what was tried. */
function machine(sharing: readonly number[], tried: number[] = []) {
  return async ({ load }: { subject: number; load: number }) => {
    tried.push(load);
    const alone = Array.from({ length: 100 }, () => 3.1);
    return { alone, besideBusy: alone.map((ns) => (sharing.includes(load) ? ns * 1.7 : ns)) };
  };
}

const planned = { subject: 3, load: 0 };

test('the load stays where it shares no core, and no other CPU is tried', async () => {
  const tried: number[] = [];
  const place = await chooseLoadCpu(planned, [0, 1, 2, 3], machine([], tried));
  assert.deepEqual(place, { cpus: planned, shares: false });
  assert.deepEqual(tried, [0]);
});

test('where it shares the core the load moves to the first CPU that does not', async () => {
  const place = await chooseLoadCpu(planned, [0, 1, 2, 3], machine([0, 1]));
  assert.deepEqual(place, { cpus: { subject: 3, load: 2 }, shares: false });
});

test('where all of them share it the load stays, and it is said', async () => {
  assert.deepEqual(await chooseLoadCpu({ subject: 1, load: 0 }, [0, 1], machine([0])), {
    cpus: { subject: 1, load: 0 },
    shares: true,
  });
});

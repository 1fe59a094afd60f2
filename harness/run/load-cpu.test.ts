import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantedContext } from '../experiments/testing/planted-context.js';
import { chooseLoadCpu, withLoadCpu } from './load-cpu.js';
import type { PlannedBench } from './planned-bench.js';

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

test('two CPUs of a guest that share a core for a moment are looked at again', async () => {
  const wandering = (looks: number) => {
    let look = 0;
    return (cpus: typeof planned) => machine(++look <= looks ? [0] : [])(cpus);
  };
  const placeAfter = (looks: number) => chooseLoadCpu({ subject: 1, load: 0 }, [0, 1], wandering(looks));
  assert.deepEqual([(await placeAfter(2)).shares, (await placeAfter(3)).shares], [false, true]);
});

/** As far as it matters where the load goes. */
function benchOf(seconds: number, launches?: number): PlannedBench {
  const request = launches === undefined ? {} : { launches };
  const plans = [{ launches: [{ secondsToStart: 0, rounds: 1, secondsPerRound: seconds }] }];
  const context = plantedContext({ cpus: planned });
  return { request, environment: {}, plans, context } as unknown as PlannedBench;
}

test('neither a launch of a gate nor a short run waits until it is known what the load shares; a run of its own does', async () => {
  let asked = 0;
  const choose = async () => {
    asked++;
    return { cpus: planned, shares: false };
  };
  for (const bench of [benchOf(60, 1), benchOf(9)]) {
    const { context } = await withLoadCpu(bench, choose);
    assert.equal(asked, 0);
    assert.deepEqual(context.cpus, planned);
  }
  const run = await withLoadCpu(benchOf(10), choose);
  assert.equal(asked, 1);
  assert.equal(run.environment.loadSharesCore, false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseCpus } from './plan-context.js';

const unknown = () => null;

test('the subject goes to the last CPU, its load to the first that is none of the same core', () => {
  assert.deepEqual(chooseCpus([0, 1, 2, 3], unknown, ''), { subject: 3, load: 0 });
  assert.deepEqual(
    chooseCpus([0, 1, 2, 3], () => [0, 3], ''),
    { subject: 3, load: 1 },
  );
  assert.equal(chooseCpus([2], unknown, ''), null);
});

test('POLLCOST_CPU names another CPU for the subject', () => {
  assert.deepEqual(chooseCpus([0, 1], unknown, '0'), { subject: 0, load: 1 });
  assert.deepEqual(chooseCpus([0, 1], unknown, ''), { subject: 1, load: 0 }, 'an empty one names none');
  assert.equal(chooseCpus([0], unknown, '0'), null);
});

for (const asked of ['7', 'last', '1 ']) {
  test(`POLLCOST_CPU that names no CPU is refused in one line: '${asked}'`, () => {
    assert.throws(() => chooseCpus([0, 1], unknown, asked), {
      name: 'ImpossibleValue',
      message: `POLLCOST_CPU names one of the CPUs 0, 1; '${asked}' is none`,
    });
  });
}

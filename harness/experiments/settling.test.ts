import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled, untilGivenBack } from './settling.js';

/** The kernel's books as they come: a figure a reading, the last one for ever. */
function books(...figures: readonly number[]) {
  let reads = 0;
  const read = () => figures[Math.min(reads++, figures.length - 1)] as number;
  return { read, reads: () => reads };
}

const TAKEN = 1000;
const times = (count: number, figure: number) => Array.from({ length: count }, () => figure);

test('what is given back is waited for, however late it begins to go', async () => {
  const late = books(...times(80, TAKEN), 600, 300, 90);
  await untilGivenBack(late.read, TAKEN);
  assert.equal(late.reads(), 83);
});

test('what somebody else took meanwhile is not waited for', async () => {
  const others = books(...times(10, TAKEN), 500, 250);
  await untilGivenBack(others.read, TAKEN);
  assert.equal(others.reads(), 12 + 40);
});

test('what never goes is waited for a bounded time', async () => {
  const never = books(TAKEN);
  await untilGivenBack(never.read, TAKEN);
  assert.equal(never.reads(), 201);
});

test('what falls is read when it falls no more', async () => {
  assert.equal(await settled(books(9, 8, 7, 3).read), 3);
  assert.equal(await settled(() => null), null);
});

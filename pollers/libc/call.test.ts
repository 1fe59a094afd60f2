import assert from 'node:assert/strict';
import { test } from 'node:test';
import koffi from 'koffi';
import { EAGAIN, EBADF, EINTR, ENOMEM, outcomeOf, settled } from './call.js';

/** A call that fails with each of these in turn, and then says 7; and how often it was made. */
function failing(...errnos: readonly number[]) {
  let made = 0;
  const call = (): number => {
    const errno = errnos[made++];
    if (errno === undefined) return 7;
    koffi.errno(errno);
    return -1;
  };
  return { call, made: () => made };
}

test('a call that a signal interrupted is made again, however often', () => {
  const { call, made } = failing(...Array<number>(1000).fill(EINTR));
  assert.equal(outcomeOf(call), 7);
  assert.equal(made(), 1001);
});

test('a call whose errno reads ENOMEM is made again, and the fifth ENOMEM is a real one', () => {
  assert.equal(outcomeOf(failing(ENOMEM, ENOMEM, ENOMEM, ENOMEM).call), 7);
  const { call, made } = failing(...Array<number>(20).fill(ENOMEM));
  assert.equal(outcomeOf(call), -ENOMEM);
  assert.equal(made(), 5);
});

test('an errno that ENOMEM had hidden is the outcome', () => {
  assert.equal(outcomeOf(failing(ENOMEM, EAGAIN).call), -EAGAIN);
});

test('after any other errno nothing is made again', () => {
  for (const errno of [EAGAIN, EBADF]) {
    const { call, made } = failing(errno);
    assert.equal(outcomeOf(call), -errno);
    assert.equal(made(), 1);
  }
});

test('who has seen a call fail has only what comes after it made', () => {
  const { call, made } = failing();
  koffi.errno(EINTR);
  assert.equal(settled(call), 7);
  assert.equal(made(), 1);
});

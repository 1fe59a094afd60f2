import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortPath } from './path-data.js';

test('a path goes from step to step, and to the same places', () => {
  assert.equal(shortPath('M0,176L18.7,173.4L37.3,170.1'), 'M0 176l18.7-2.6 18.6-3.3');
  assert.equal(shortPath('M0,3.9h6.5v14.3h-6.5Z'), 'M0 3.9h6.5v14.3h-6.5z');
  assert.equal(shortPath('M1,2h0M3,2h0'), 'M1 2h0m2 0h0');
  assert.equal(shortPath('M1,2V9H0.5'), 'M1 2v7h-.5');
});

test('after the end of a shape the next begins where that one began', () => {
  assert.equal(shortPath('M5,5L9,5L9,9ZM6,6L7,7Z'), 'M5 5h4v4zm1 1l1 1z');
});

test('steps of tenths do not drift', () => {
  const xs = Array.from({ length: 1000 }, (_, at) => (at * 1.3).toFixed(1));
  const short = shortPath(`M0,0${xs.map((x) => `L${x},${Number(x) % 2 > 1 ? 1 : 2}`).join('')}`);
  const steps = short.match(/-?\d*\.?\d+/g) ?? [];
  assert.ok(steps.length >= xs.length);
  const across = [...short.matchAll(/([Mlhv])([^Mlhv]*)/g)].reduce((sum, [, command, text = '']) => {
    const numbers = (text.match(/-?\d*\.?\d+/g) ?? []).map((digits) => Math.round(Number(digits) * 10));
    if (command === 'v') return sum;
    const each = command === 'h' ? numbers : numbers.filter((_, at) => at % 2 === 0);
    return sum + each.reduce((all, tenths) => all + tenths, 0);
  }, 0);
  assert.equal(across, Math.round(999 * 1.3 * 10));
});

test('arcs and curves stay as they are', () => {
  const circle = 'M1,0A1,1,0,1,1,-1,0Z';
  assert.equal(shortPath(circle), circle);
  assert.equal(shortPath('M0,0C1,1,2,2,3,3'), 'M0,0C1,1,2,2,3,3');
});

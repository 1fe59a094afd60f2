import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demandsOf } from './config.js';
import { judge } from './judge.js';
import { type Plant, plants } from './plants.js';
import { plantResult, sameResult } from './self-test.js';
import { type Planted, plantedPairs } from './testing/planted-figures.js';

/** What the self-test makes of arms, without the launches: `.ci/run` makes those. */
const metricsOf = (current: Planted, reference: Planted = {}, pairs = 12) =>
  judge(plantedPairs(pairs, 1, reference, current), demandsOf({}), 1);
const plantNamed = (id: string) => plants.find((plant) => plant.id === id) as Plant;

test('a plant that its metric shows is caught, and one that the gate calls ok is missed', () => {
  assert.equal(plantResult(plantNamed('walk'), metricsOf({ epoll: 3 })).state, 'caught');
  assert.equal(plantResult(plantNamed('walk'), metricsOf({})).state, 'missed');
});

test('a timed plant may stay open on a noisy machine; one whose metric nobody measured is missed', () => {
  const noisy = { scatter: 0.8, sentinel: false };
  assert.equal(plantResult(plantNamed('walk'), metricsOf(noisy, noisy)).state, 'inconclusive');
  assert.equal(plantResult(plantNamed('system-call'), metricsOf({})).state, 'missed');
  assert.equal(plantResult(plantNamed('bytes'), metricsOf(noisy, noisy)).state, 'missed');
});

test('the same program passes, is open on a noisy machine, and a false alarm or nothing measured fails', () => {
  const noisy = { scatter: 0.8, sentinel: false };
  assert.equal(sameResult(metricsOf({})).state, 'passed');
  assert.equal(sameResult(metricsOf(noisy, noisy)).state, 'inconclusive');
  assert.equal(sameResult(metricsOf({ epoll: 2 })).state, 'missed');
  assert.equal(sameResult([]).state, 'missed');
});

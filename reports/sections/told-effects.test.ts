import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effect } from '../testing/example-figures.js';
import { tellEffects, withoutIdentifiers } from './told-effects.js';

const effects = ['costAt1', 'costAt10', 'costAt2', 'costAt3'].map((name) => effect(name, 1, 'ratio'));

test('names of effects inside a text are told in words', () => {
  assert.equal(
    tellEffects('the interval of costAt10 straddles a limit', effects),
    'the interval of cost at 10 straddles a limit',
  );
  assert.equal(
    tellEffects('it straddles 1 in costAt1, costAt2', effects),
    'it straddles 1 in cost at 1; cost at 2',
  );
});

test('a long row of them is cut short, and says so', () => {
  assert.equal(
    tellEffects('in costAt1, costAt10, costAt2 and costAt3, there', effects).replace(/\u00a0/g, ' '),
    'in cost at 1; cost at 10; cost at 2; and 1 more figure, there',
  );
});

test('what is no name stays as it is', () => {
  assert.equal(tellEffects('costAt1x costAt', effects), 'costAt1x costAt');
  assert.equal(tellEffects('costAt1', []), 'costAt1');
});

test('what a rule lacks is said without the names of a program', () => {
  assert.equal(
    withoutIdentifiers(
      'workload-grid with watched = 10 and 1000, fileTable = private: take --profile standard',
      ['workload-grid'],
    ),
    'workload grid with watched fds: 10 and 1000; file table: private: take --profile standard',
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgedAnew } from '../../harness/claims/testing/real-run.js';
import { effectInWords, tellApart } from './effect-words.js';

const NAME_OF_OURS = /\b(?!kB\b)[a-z][a-z0-9]*[A-Z]\w*/;

test('every figure of a real run has words of its own, and none is a name that code has for it', () => {
  const claims = judgedAnew();
  assert.ok(claims.flatMap(({ effects }) => effects).length > 100);
  for (const { id, effects, statement, finding, explanation } of claims) {
    for (const sentence of [statement, finding, explanation])
      assert.doesNotMatch(sentence ?? '', NAME_OF_OURS, id);
    for (const effect of effects) assert.doesNotMatch(effectInWords(effect), NAME_OF_OURS, effect.name);
    for (const words of tellApart(effects)) assert.doesNotMatch(words, NAME_OF_OURS, id);
  }
});

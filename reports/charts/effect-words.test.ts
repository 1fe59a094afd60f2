import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgedAnew } from '../../harness/claims/testing/real-run.js';
import { NAME_OF_OURS } from '../testing/name-of-ours.js';
import { effectInWords, tellApart } from './effect-words.js';

test('every figure of a real run has words of its own, and none is a name that code has for it', () => {
  const claims = judgedAnew();
  assert.ok(claims.flatMap(({ effects }) => effects).length > 100);
  for (const { id, effects, statement, finding, explanation } of claims) {
    for (const sentence of [statement, finding, explanation])
      assert.doesNotMatch(sentence ?? '', NAME_OF_OURS, id);
    for (const effect of effects) assert.doesNotMatch(effectInWords(effect), NAME_OF_OURS, effect.name);
    const words = tellApart(effects);
    for (const told of words) assert.doesNotMatch(told, NAME_OF_OURS, id);
    assert.deepEqual(
      words.filter((told, at) => words.indexOf(told) !== at),
      [],
      `${id} calls two figures the same`,
    );
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run, Verdict } from '../../harness/results/run-schema.js';
import { stabilityOf } from './verdicts.js';

const run = (claims: Record<string, Verdict>) =>
  ({ claims: Object.entries(claims).map(([id, verdict]) => ({ id, verdict })) }) as unknown as Run;

test('undecided counts as different, and so does a run without the claim', () => {
  const runs = [
    run({ a: 'holds', b: 'fails' }),
    run({ a: 'undecided', b: 'fails' }),
    run({ a: 'holds', b: 'fails' }),
    run({ a: 'holds' }),
  ];
  assert.deepEqual(stabilityOf(runs), [
    {
      id: 'a',
      verdicts: [
        { verdict: 'holds', count: 3 },
        { verdict: 'undecided', count: 1 },
      ],
      share: 0.75,
    },
    { id: 'b', verdicts: [{ verdict: 'fails', count: 3 }], share: 0.75 },
  ]);
});

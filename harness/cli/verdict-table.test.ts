import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claim, Run } from '../results/run-schema.js';
import { verdictTable } from './verdict-table.js';

const claim = (id: string, source: Claim['source'], verdict: 'holds' | 'fails'): Claim => ({
  id,
  source,
  kind: 'measured',
  statement: 'it is so',
  rule: { version: 1, text: 'holds if it is' },
  evidence: ['x'],
  finding: 'f',
  explanation: 'e',
  verdict,
  effects: [{ name: 'a', value: 1, low: 1, high: 1, unit: 'ratio', n: 1, decides: true, factors: {} }],
});

const runOf = (claims: readonly Claim[]) =>
  ({
    claims,
    status: 'completed',
    experiments: [],
    noise: { aaRatio: null, flaggedRounds: 0, fullSpeedNs: null, shareAtFullSpeed: null },
  }) as unknown as Run;

const shown = (claims: readonly Claim[]): string => verdictTable(runOf(claims), { columns: 120 } as never);

test('verdicts on the answer and on what goes beyond it are counted apart', () => {
  const text = shown([
    claim('a', 'answer', 'holds'),
    claim('b', 'notes', 'fails'),
    claim('c', 'answer', 'holds'),
    claim('d', 'asked', 'fails'),
  ]);
  assert.match(text, /^3 of the answer: 2 holds, 1 fails$/m);
  assert.match(text, /^1 beyond it: 1 fails$/m);
  assert.doesNotMatch(shown([claim('a', 'answer', 'holds')]), /beyond it/);
});

test('sentences wrap to what is left of the screen, and a name that is wider is shown whole', () => {
  const name = 'selectCostRatioOfOneHundredOverFiftyWatchedFds';
  const { effects, ...rest } = claim('a', 'answer', 'holds');
  const named = {
    ...rest,
    statement: 'it is so, '.repeat(9).trim(),
    effects: [{ ...effects[0], name }],
  } as Claim;
  const screen = { columns: 60, isTTY: true, hasColors: () => true } as never;
  const lines = verdictTable(runOf([named]), screen).split('\n');
  assert.ok(lines.includes(`claim  verdict  sentence, and what decided`));
  const [first, second] = lines.filter((line) => line.includes('it is so'));
  assert.equal(first, 'a      \u001b[32mholds\u001b[0m    it is so, it is so, it is so, it is so, it');
  assert.equal(second, `${' '.repeat(16)}is so, it is so, it is so, it is so, it is`);
  assert.ok(lines.includes(`${' '.repeat(16)}${name}:`));
});

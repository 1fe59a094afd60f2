import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claim, Effect } from '../results/run-schema.js';
import { COURTS, hold } from './testing/courts.js';
import type { Planted } from './testing/planted-run.js';
import { judgedAnew } from './testing/real-run.js';

/** Each number in a sentence of a claim is a figure of that claim, or a constant of the kernel or of the rule. */

/** What a mechanism is told with: sizes, limits and counts that no run measures. */
const CONSTANTS: Readonly<Record<string, readonly number[]>> = {
  // The bits of a word of a bitmap.
  'highest-fd': [64],
  // A timeval, the fd numbers whose bitmaps fit on the stack, an entry in a wait queue.
  'select-384-bytes': [16, 320, 64],
  // What the objects of the three caches take on x64, and a pointer to their cgroup.
  'epoll-20-bytes': [128, 64, 16, 8],
  // A set of glibc.
  'one-high-fd': [128],
  // How many figures decide, any of which does.
  'pay-for-ready': [2],
  // Of a hundred requests, what a 99th percentile says.
  'one-thread-thousands': [99],
};

interface Told {
  readonly text: string;
  readonly value: number;
  /** Half of the last digit that is written. */
  readonly precision: number;
  /** What a figure is multiplied by where it is written in this unit. */
  readonly units: readonly number[];
}

/** By what a number is followed; figures are in ns, us and bytes, shares without a unit. */
const UNITS: Readonly<Record<string, readonly number[]>> = {
  '%': [100],
  us: [1e-3, 1],
  ms: [1e-6, 1e-3],
  KiB: [1 / 1024],
};

/** The numbers of a sentence as they are written: `1 024`, `3.2 %`, `64.0 KiB`; none of those within names, as in p99 or poll(2). */
function numbersIn(sentence: string): Told[] {
  const found = sentence.matchAll(
    /(?<![\w(]|\w[.-])(-?\d+(?: \d{3})*(?:\.\d+)?)(?![\w(-])(?: (%|us|ms|KiB))?|(?<=[ ]\()(\d[\d.]*)(?: (%|us|ms|KiB))?/g,
  );
  return [...found].map(([text, plain, unit, inBrackets, unitThere]) => {
    const digits = (plain ?? inBrackets ?? '').replace(/ /g, '');
    const decimals = digits.split('.')[1]?.length ?? 0;
    const units = UNITS[unit ?? unitThere ?? ''] ?? [1];
    return { text, value: Number(digits), precision: 0.5 * 10 ** -decimals, units };
  });
}

const figuresOf = ({ value, low, high, n, factors, limits }: Effect): number[] => [
  value,
  low,
  high,
  n,
  ...Object.values(factors ?? {}).map(Number),
  ...(limits ? [limits.from ?? Number.NaN, limits.to ?? Number.NaN] : []),
];

const isToldBy = ({ value, precision, units }: Told, figures: readonly number[]): boolean =>
  figures.some((figure) => units.some((unit) => Math.abs(figure * unit - value) <= precision * 1.001 + 1e-9));

function untold(claim: Claim): string[] {
  const fixed = [claim.statement, claim.rule.text].flatMap(numbersIn);
  const constants = [
    ...(CONSTANTS[claim.id] ?? []),
    ...fixed.map(({ value, units: [unit = 1] }) => value / unit),
  ];
  const figures = [...claim.effects.flatMap(figuresOf), ...constants];
  const sentences = [claim.finding, claim.explanation, 'condition' in claim ? claim.condition : ''];
  return sentences
    .flatMap(numbersIn)
    .filter((told) => !isToldBy(told, figures))
    .map(({ text }) => text);
}

for (const [id, court] of Object.entries(COURTS)) {
  test(`${id}: its sentences say what its effects say`, () => {
    for (const planted of [court.holds, court.fails, court.undecided]) {
      const claim = hold(id, planted, court);
      assert.deepEqual(untold(claim), [], `${claim.verdict}: ${claim.finding} ${claim.explanation}`);
    }
  });
}

const ofRealRun = judgedAnew();

test('the real run decides most claims, so that their sentences have figures to tell', () => {
  const decided = ofRealRun.filter(({ verdict }) => verdict !== 'undecided');
  assert.ok(decided.length >= 12, decided.map(({ id }) => id).join(', '));
});

for (const claim of ofRealRun) {
  test(`${claim.id}: of a real run, too, its sentences say what its effects say`, () => {
    assert.deepEqual(untold(claim), [], `${claim.verdict}: ${claim.finding} ${claim.explanation}`);
    assert.doesNotMatch(claim.finding, NONSENSE);
  });
}

test('a number that no figure says is found', () => {
  const claim = ofRealRun.find(({ id }) => id === 'highest-fd');
  assert.ok(claim);
  assert.deepEqual(untold({ ...claim, explanation: `${claim.explanation} It is 12 345.6 here.` }), [
    '12 345.6',
  ]);
});

const NONSENSE = /NaN|Infinity|undefined|null|(?<![\w.])-\d/;

for (const [id, court] of Object.entries(COURTS)) {
  test(`${id}: nothing is said of figures that make no sense`, () => {
    for (const planted of [
      court.holds,
      court.fails,
      court.undecided,
      lost(court.holds),
      halved(court.holds),
    ]) {
      const { finding, explanation } = hold(id, planted, court);
      assert.doesNotMatch(finding, NONSENSE);
      assert.doesNotMatch(explanation, /NaN|Infinity|undefined/);
    }
  });
}

/** What was read of the kernel, less than nothing: other processes gave back more than this one took. */
const lost = (planted: readonly Planted[]): Planted[] =>
  planted.map((plant) =>
    plant.factors.source === 'read'
      ? { ...plant, metrics: { ...plant.metrics, ...LESS_THAN_NOTHING } }
      : plant,
  );
const LESS_THAN_NOTHING = { kernelPersistentBytes: -5_000_000, kernelBlockedBytes: -65_536 };

/** Half of the cells. */
const halved = (planted: readonly Planted[]): Planted[] => planted.filter((_, index) => index % 2 === 0);

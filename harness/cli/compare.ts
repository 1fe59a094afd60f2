import { percent } from '../gate/outputs/result-text.js';
import { compareRuns, type Difference, type TwoRuns } from '../gate/two-runs.js';
import { splitFacts } from '../results/across-runs.js';
import { folderOf } from './folder-of.js';
import { UsageError } from './usage.js';

export interface CompareOptions {
  readonly json?: boolean;
  readonly markdown?: boolean;
}

/** Prints what two runs differ in, and how much of that is more than noise. @throws DamagedFile, UsageError */
export function compare(a: string, b: string, { json, markdown }: CompareOptions): void {
  if (json && markdown) throw new UsageError('compare prints --json or --markdown, not both');
  const runs = compareRuns(folderOf(a), folderOf(b));
  process.stdout.write(
    json ? `${JSON.stringify(plain(a, b, runs), null, 1)}\n` : textOf(a, b, runs, markdown ?? false),
  );
}

const plain = (a: string, b: string, runs: TwoRuns) => ({
  ...{ a: { folder: a, id: runs.a.id }, b: { folder: b, id: runs.b.id } },
  ...{ noiseFactor: runs.noiseFactor, onlyInOne: runs.onlyInOne, verdicts: runs.verdicts },
  metrics: runs.differences.map(({ id, kind, figure, a: inA, b: inB, ratio, isBeyondNoise }) => ({
    ...{ id, class: kind, unit: figure.unit, a: ends(inA), b: ends(inB), ratio, isBeyondNoise },
  })),
});

const ends = ({ value, low, high }: { value: number; low: number; high: number }) => ({ value, low, high });

function textOf(a: string, b: string, runs: TwoRuns, isMarkdown: boolean): string {
  const beyond = runs.differences
    .filter(({ isBeyondNoise }) => isBeyondNoise)
    .toSorted((x, y) => sizeOf(y) - sizeOf(x));
  const within = runs.differences.length - beyond.length;
  const noise = percent(runs.noiseFactor).replace('+', '');
  const changed = runs.verdicts.filter(({ a: before, b: now }) => before !== now);
  const lines = [
    `${isMarkdown ? '## ' : ''}${b} against ${a}`,
    '',
    ...kinds(runs),
    `${beyond.length} of ${runs.differences.length} metrics differ beyond their intervals and the noise floor of ${noise}; ${within} do not.`,
    ...(runs.onlyInOne > 0 ? [`${runs.onlyInOne} stand in one of the runs only.`] : []),
    '',
    ...(isMarkdown ? tableOf(beyond) : beyond.map((each) => `  ${lineOf(each)}`)),
    ...(beyond.length > 0 ? [''] : []),
    ...(changed.length === 0
      ? ['Every sentence that both judged has the same verdict.']
      : changed.map(({ id, a: before, b: now }) => `${isMarkdown ? '- ' : ''}${id}: ${before} -> ${now}`)),
  ];
  return `${lines.join('\n')}\n`;
}

/** What makes the two runs different before anything was measured. */
const kinds = ({ a, b }: TwoRuns): string[] =>
  splitFacts([a, b]).different.map(
    ({ what, values: [before, now] }) => `${what}: ${before ?? 'unknown'} -> ${now ?? 'unknown'}`,
  );

const sizeOf = ({ ratio }: Difference): number =>
  ratio ? Math.abs(Math.log(ratio.value)) : Number.POSITIVE_INFINITY;

const short = (value: number): string => String(Number(value.toPrecision(4)));

const changeOf = ({ ratio }: Difference): string =>
  ratio
    ? `${percent(ratio.value)} [${percent(ratio.low)}, ${percent(ratio.high)}]`
    : 'no ratio: one reaches 0';

const figureOf = ({ value, low, high }: Difference['a']): string =>
  low === high ? short(value) : `${short(value)} [${short(low)}, ${short(high)}]`;

const lineOf = (difference: Difference): string =>
  `${difference.id}: ${changeOf(difference)} (${figureOf(difference.a)} -> ${figureOf(difference.b)} ${difference.figure.unit})`;

const tableOf = (differences: readonly Difference[]): string[] =>
  differences.length === 0
    ? []
    : [
        '| metric | change | before | now |',
        '|---|---|---|---|',
        ...differences.map(
          (each) => `| \`${each.id}\` | ${changeOf(each)} | ${figureOf(each.a)} | ${figureOf(each.b)} |`,
        ),
      ];

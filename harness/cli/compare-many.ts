import { claimsAcross, type SharedClaim, splitFacts } from '../results/across-runs.js';
import { type Estimate, type Headline, headlinesOf } from '../results/headlines.js';
import { readRun } from '../results/run-folder.js';
import type { Run } from '../results/run-schema.js';
import type { CompareOptions } from './compare.js';
import { folderOf } from './folder-of.js';
import { UsageError } from './usage.js';

/** Prints what any number of runs are and say: verdicts that differ first, then the main figures. @throws DamagedFile, UsageError */
export function compareMany(paths: readonly string[], { json, markdown }: CompareOptions): void {
  if (json && markdown) throw new UsageError('compare prints --json or --markdown, not both');
  const runs = paths.map((path) => readRun(folderOf(path)));
  process.stdout.write(
    json ? `${JSON.stringify(plain(paths, runs), null, 1)}\n` : textOf(paths, runs, markdown ?? false),
  );
}

const plain = (paths: readonly string[], runs: readonly Run[]) => ({
  runs: runs.map(({ id, environment }, index) => ({ folder: paths[index], id, environment })),
  verdicts: claimsAcross(runs).map(({ id, differs, claims }) => ({
    ...{ id, differs },
    verdicts: claims.map((claim) => claim?.verdict ?? null),
  })),
  headlines: headlinesOf(runs).map(({ title, unit, rows }) => ({
    ...{ title, unit },
    runs: rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([poller, figure]) => [poller, figure && ends(figure)])),
    ),
  })),
});

const ends = ({ value, low, high }: Estimate): Estimate => ({ value, low, high });

function textOf(paths: readonly string[], runs: readonly Run[], isMarkdown: boolean): string {
  const heading = (text: string) => `${isMarkdown ? '## ' : ''}${text}`;
  const table = isMarkdown ? markdownTable : alignedTable;
  const { different, same } = splitFacts(runs);
  const all = claimsAcross(runs);
  const differing = all.filter(({ differs }) => differs);
  const names = runs.map((_, index) => String(index + 1));
  const lines = [
    heading(`${runs.length} runs`),
    '',
    ...table(
      ['run', '', ...different.map(({ what }) => what)],
      runs.map((_, index) => [
        names[index] as string,
        paths[index] as string,
        ...different.map(({ values }) => values[index] ?? 'unknown'),
      ]),
    ),
    '',
    `The same in all: ${same.map(({ what, value }) => `${what} ${value ?? 'unknown'}`).join('; ') || 'nothing'}.`,
    '',
    heading(
      differing.length === 0
        ? 'No two runs contradict each other'
        : `${differing.length} of ${all.length} sentences differ`,
    ),
    '',
    ...table(
      ['sentence', ...names],
      all.map((claim) => [`${claim.differs ? '! ' : ''}${claim.id}`, ...verdictsOf(claim)]),
    ),
    ...headlinesOf(runs).flatMap((headline) => [
      '',
      heading(`${headline.title}, ${headline.unit}`),
      '',
      ...table(['run', ...headline.pollers], rowsOf(headline, names)),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

const verdictsOf = ({ claims }: SharedClaim): string[] => claims.map((claim) => claim?.verdict ?? '-');

const rowsOf = ({ rows, pollers }: Headline, names: readonly string[]): string[][] =>
  rows.map((row, index) => [
    names[index] as string,
    ...pollers.map((poller) => {
      const figure = row[poller];
      return figure ? `${short(figure.value)} [${short(figure.low)}, ${short(figure.high)}]` : '-';
    }),
  ]);

const short = (value: number): string => String(Number(value.toPrecision(3)));

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string[];

const markdownTable: Table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

const alignedTable: Table = (head, rows) => {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  return all.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
};

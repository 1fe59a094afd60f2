/** Files that take long, the longest first: begun last, they would end alone. */
const LONG = [
  'harness/cli/own-pollers',
  'harness/cli/gate',
  'scripts/documented-commands',
  'reports/browser',
  'harness/cli/bench',
  'harness/cli/hard-places',
  'scripts/kills',
  'harness/processes/server/server',
  'harness/cli/c-twin',
  'harness/cli/doctor',
  'harness/cli/limited-places',
  'harness/cli/taken-places',
  'harness/cli/several-benches',
  'scripts/adding-a-piece',
  'harness/cli/missing-means',
  'harness/cli/standard-streams',
  'harness/cli/serve',
  'reports/render',
  'reports/over-runs',
  'harness/cli/bench-server',
  'harness/cli/terminal',
  'harness/cli/private-runs',
  'harness/cli/bad-input',
  'harness/cli/refused-calls',
  'scripts/container/compare-host',
  'harness/cli/conveniences',
  'harness/cli/predict',
].map((name) => `${name}.test.js`);

export interface Order {
  /** They bear neighbours. */
  readonly together: readonly string[];
  /** They measure: beside others they would only try longer. */
  readonly alone: readonly string[];
}

/** In which order test files run. */
export function inOrder(files: readonly string[]): Order {
  const rank = (file: string) => (LONG.includes(file) ? LONG.indexOf(file) : LONG.length);
  const sorted = [...files].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const isAlone = (file: string) => file.endsWith('.alone.test.js');
  return { together: sorted.filter((file) => !isAlone(file)), alone: sorted.filter(isAlone) };
}

const COUNTS = ['tests', 'pass', 'fail', 'cancelled', 'skipped', 'todo'] as const;

/** What the reporters of all files counted. */
export const totalOf = (reports: readonly string[]): [name: (typeof COUNTS)[number], count: number][] =>
  COUNTS.map((name) => [
    name,
    reports.reduce(
      (sum, said) => sum + Number(new RegExp(`^ℹ ${name} (\\d+)$`, 'm').exec(said)?.[1] ?? 0),
      0,
    ),
  ]);

/** Which long files there are not: their names have changed. */
export const staleIn = (files: readonly string[]): string[] => LONG.filter((file) => !files.includes(file));

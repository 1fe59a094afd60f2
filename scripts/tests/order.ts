/** Files that take long, the longest first: begun last, they would end alone. */
const LONG = [
  'harness/cli/own-pollers',
  'harness/cli/gate',
  'reports/browser',
  'harness/cli/bench',
  'harness/cli/hard-places',
  'harness/cli/limited-places',
  'harness/cli/several-benches',
  'scripts/adding-a-piece',
  'scripts/documented-commands',
  'scripts/kills',
  'harness/cli/taken-places',
  'harness/cli/bad-input',
  'harness/cli/doctor',
  'harness/cli/bench-server',
  'harness/cli/missing-means',
  'harness/processes/server/server',
  'harness/cli/conveniences',
  'reports/render',
  'harness/cli/refused-calls',
  'harness/cli/private-runs',
  'scripts/container/compare-host',
  'harness/cli/standard-streams',
  'harness/cli/c-twin',
  'harness/cli/serve',
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

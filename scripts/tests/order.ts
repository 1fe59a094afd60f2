/** Files that take long, the longest first: begun last, they would end alone. */
const LONG = [
  'harness/cli/own-pollers',
  'scripts/documented-commands',
  'harness/cli/gate',
  'scripts/kills',
  'reports/browser',
  'harness/cli/hard-places',
  'harness/cli/bench',
  'harness/processes/server/server',
  'harness/cli/doctor',
  'harness/cli/c-twin',
  'harness/cli/limited-places',
  'harness/cli/taken-places',
  'harness/cli/several-benches',
  'scripts/adding-a-piece',
  'harness/cli/bench-elsewhere',
  'pollers/contract/suite',
  'harness/http/timeouts',
  'harness/cli/missing-means',
  'harness/cli/history',
  'harness/cli/private-runs',
  'harness/cli/standard-streams',
  'harness/cli/serve',
  'harness/processes/references/references',
  'harness/cli/elsewhere',
  'reports/hostile',
  'harness/processes/herd/herd',
  'harness/net/several-processes',
  'harness/ioloop/counters',
  'harness/cli/bench-server',
  'reports/over-runs',
  'harness/cli/many-runs',
  'reports/charts/charts',
  'harness/cli/bad-input',
  'harness/cli/refused-calls',
  'harness/cli/terminal',
  'harness/processes/active/active',
  'reports/render',
  'harness/cli/export',
  'scripts/build',
  'harness/gate/judge',
  'scripts/container/compare-host',
  'reports/recorded',
  'harness/cli/conveniences',
  'harness/cli/predict',
  'harness/experiments/server-session.alone',
  'harness/run/honesty.alone',
  'harness/processes/turn-probe/forms.alone',
  'scripts/soak.alone',
].map((name) => `${name}.test.js`);

export interface Order {
  /** They bear neighbours. */
  readonly together: readonly string[];
  /** They measure: beside more than one other they would only try longer. */
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

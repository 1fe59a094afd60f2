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
  'harness/processes/cascade/cascade',
  'harness/processes/churn/churn',
  'harness/doctor/rehearsal',
  'harness/experiments/server-session.alone',
  'harness/run/honesty.alone',
  'harness/processes/turn-probe/forms.alone',
  'scripts/soak.alone',
].map((name) => `${name}.test.js`);

/** The files of one process: one, or several short ones that may share it. */
export type Bundle = readonly string[];

export interface Order {
  /** They bear neighbours. */
  readonly together: readonly Bundle[];
  /** They measure: beside more than one other they would only try longer. */
  readonly alone: readonly Bundle[];
}

const FILES_OF_A_BUNDLE = 10;

/** In which order test files run, and which of them in one process. */
export function inOrder(files: readonly string[], mayShare: (file: string) => boolean): Order {
  const sorted = [...files].sort();
  const isAlone = (file: string) => file.endsWith('.alone.test.js');
  const isShared = (file: string) => !isAlone(file) && !LONG.includes(file) && mayShare(file);
  const ofLong = LONG.filter((file) => files.includes(file));
  const apart = sorted.filter((file) => !LONG.includes(file) && !isShared(file));
  const one = (file: string): Bundle => [file];
  return {
    together: [
      ...ofLong.filter((file) => !isAlone(file)).map(one),
      ...bundlesOf(sorted.filter(isShared)),
      ...apart.filter((file) => !isAlone(file)).map(one),
    ],
    alone: [...ofLong, ...apart].filter(isAlone).map(one),
  };
}

/** Neighbours in a folder take about as long, so that they are dealt out. */
function bundlesOf(files: readonly string[]): Bundle[] {
  const count = Math.ceil(files.length / FILES_OF_A_BUNDLE);
  return Array.from({ length: count }, (_, at) => files.filter((_, index) => index % count === at));
}

/** What failed of a bundle: the files that what it said leads to, or all where it leads to none. */
export function failedIn(bundle: Bundle, said: string): Bundle {
  const named = bundle.filter((file) => said.includes(`/${file}:`));
  return named.length > 0 ? named : bundle;
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

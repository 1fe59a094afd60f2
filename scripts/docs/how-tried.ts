/** How a test tries a documented command: as it stands, in another form with the reason, by another test or script, or not. */
export type HowTried =
  | { readonly as: string; readonly why?: string }
  | { readonly by: string }
  | { readonly not: string };

const asItStands = (command: string): HowTried => ({ as: command });
const measuresForMinutes = 'it measures for minutes, on a machine that has to be quiet';
const shorter = 'with the least that it takes';
const ONE = '--profile quick --experiments limits --pollers epoll --launches 1 --no-report --seed 1';

/**
 * For each command that a document shows. In these, RUN is a run folder and OUT a folder that is not there yet; `pollcost`
 * runs in a folder whose results/latest is RUN, `npm run` in the checkout. The first that fits is taken.
 */
export const HOW_TRIED: readonly (readonly [pattern: RegExp, how: (command: string) => HowTried])[] = [
  [/^npm ci && npm test$/, () => ({ not: 'it runs this test' })],
  [/^npm test( -- "P40")?$/, () => ({ not: 'it runs this test' })],
  [/^npm ci$/, () => ({ not: 'it would take the modules away that this test runs on' })],
  [
    /^npm ci && npm run bench$/,
    () => ({ as: `npm run bench -- ${ONE} --out OUT`, why: 'without npm ci, and one experiment' }),
  ],
  [
    /^npm run bench -- --profile standard$/,
    (command) => ({ as: `${command} --dry-run`, why: 'it measures for minutes' }),
  ],
  [
    /^npm run -s pollcost -- COMMAND$/,
    () => ({ as: 'npm run -s pollcost -- list pollers', why: 'one of its commands' }),
  ],
  [/^docker (build|run) /, () => ({ by: 'scripts/container.ts' })],
  [/^npm run container/, () => ({ not: 'it starts an engine and takes minutes; it is itself a test' })],
  [/^npm run (package|arm64|ffi)$/, () => ({ not: 'it fetches Node from npm, and is itself a test' })],
  [
    /^npm run (bench:self|bench:peers( -- cascade)?|noise|stability|gate:trials( -- --trials 10)?|gate:branch|first-verdict)$/,
    () => ({ not: measuresForMinutes }),
  ],
  [/^npm run gate:power -- --record/, () => ({ not: measuresForMinutes })],
  [/^npm run gate:power$/, (command) => ({ as: `${command} -- --gates 1 --metric overPoll`, why: shorter })],
  [/^npm run machines$/, () => ({ not: measuresForMinutes })],
  [/^npm run soak$/, () => ({ by: 'scripts/soak.alone.test.ts' })],
  [
    /^npm run registrations$/,
    (command) => ({
      as: `${command} -- --count 20000 --pollers epoll`,
      why: 'scripts/registrations.test.ts does it on every poller',
    }),
  ],
  [/^npm run kills$/, () => ({ by: 'scripts/kills.test.ts' })],
  [
    /^npm run fuzz$/,
    (command) => ({ as: `${command} -- --inputs 1000 --sockets 20 --seed 1`, why: shorter }),
  ],
  [/^npm run sentinel( -- SECONDS CPU)?$/, () => ({ as: 'npm run sentinel -- 1', why: 'for a second' })],
  [/^npm run (coverage|models) -- RUN$/, asItStands],
  [/^npm run bench:report -- RUN$/, (command) => ({ as: `${command} --rows 1`, why: shorter })],
  [/^npm run courts$/, asItStands],
  [
    /^npm run false-verdicts$/,
    (command) => ({ as: `${command} -- --runs 2 --claim busy-polling`, why: shorter }),
  ],
  [/^npm run test:elsewhere$/, () => ({ not: 'each of its files is part of npm test' })],
  [/^npm run pictures -- RUN$/, () => ({ not: "it would overwrite the README's picture" })],
  [
    /^npm run sample-site -- --site \S+$/,
    (command) => ({ as: `${command} --run RUN --out OUT`, why: 'of a run that is there' }),
  ],
  [
    /^npm run schema$/,
    () => ({ not: 'it would overwrite the published schema, which a test holds against the code' }),
  ],
  [/^npm run docs:api$/, (command) => ({ as: `${command} -- OUT`, why: 'into another folder' })],
  [/^npm install --save-dev pollcost$/, () => ({ by: 'scripts/package.ts' })],
  [/^npx pollcost gate /, () => ({ by: 'harness/cli/gate.test.ts' })],
  [/^pollcost gate$/, () => ({ by: 'harness/cli/gate.test.ts' })],
  [/^pollcost serve /, () => ({ by: 'harness/cli/own-pollers.test.ts' })],
  [/^pollcost bench --pollers/, (command) => ({ as: `${poller(command)} --dry-run`, why: 'its plan' })],
  [/^pollcost bench$/, (command) => ({ as: `${command} --dry-run`, why: 'its plan' })],
  [/^pollcost check /, (command) => ({ as: poller(command) })],
  [/^pollcost export$/, (command) => ({ as: `${command} --out one.pollcost.gz` })],
  [/^pollcost report (\*\.pollcost\.gz|RUN)$/, asItStands],
  [
    /^pollcost (gallery|history) RUN/,
    (command) => ({ as: command.replace(/RUN\.\.\./, 'RUN RUN'), why: 'a run and itself' }),
  ],
  [/^pollcost report A B$/, () => ({ as: 'pollcost report RUN RUN', why: 'a run and itself' })],
  [
    /^pollcost compare \*\.pollcost\.gz$/,
    () => ({ as: 'pollcost compare RUN RUN RUN', why: 'a run and itself' }),
  ],
  [/^pollcost compare$/, (command) => ({ as: `${command} RUN RUN`, why: 'a run and itself' })],
  [/^pollcost predict$/, (command) => ({ as: `${command} --poller poll --watched 50 --ready 25` })],
  [/^pollcost (predict --poller \w+ --watched 50 --ready 25|--version|list pollers)$/, asItStands],
  [/^pollcost doctor$/, (command) => ({ as: `${command} --speeds 0.1`, why: shorter })],
];

/** The example that the documents mean. */
const poller = (command: string): string => command.replace('./my-poller.js', 'POLLER');

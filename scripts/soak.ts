import { randomInt } from 'node:crypto';
import '../harness/cli/begin.js';
import { table } from '../harness/cli/table.js';
import { namesIn, pick, UsageError, wholeNumber } from '../harness/cli/usage.js';
import { APPS, type AppName } from '../harness/processes/server/protocol.js';
import { pollersHere } from '../pollers/manifest.js';
import { parseOptions } from './options.js';
import { type SoakPlan, type SoakResult, soak } from './soak/soak.js';

/**
 * `npm run soak`: crowds of clients that come and go, break off and dawdle, against `serve` on every poller. Exit code 1
 * when a byte was wrong or something was left behind.
 */

const MOST_SECONDS = 86_400;
const MOST_CONNECTIONS = 15_000;
const HEAD = [
  'poller',
  'app',
  'held',
  'made',
  'requests',
  'MiB checked',
  'resets',
  'half-closes',
  'slow r/w',
  'errors',
  'fds',
  'MiB resident',
  'idle wake-ups',
];

try {
  const plan = planOf(process.argv.slice(2));
  console.error(`seed ${plan.seed}, about ${plan.seconds} s`);
  const results = await soak(plan, (line) => console.error(line));
  process.stdout.write(`${table(HEAD, results.map(rowOf), process.stdout)}\n`);
  const broken = results.flatMap(({ poller, app, broken: lines }) =>
    lines.map((line) => `${app} on ${poller}: ${line}`),
  );
  console.log(broken.length === 0 ? 'every byte right, nothing left behind, no spin' : broken.join('\n'));
  process.exitCode = broken.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`soak: ${error.message}`);
  process.exitCode = 2;
}

/** @throws UsageError */
function planOf(args: string[]): SoakPlan {
  const { values } = parsed(args);
  const named = <T extends string>(what: 'pollers' | 'apps', known: readonly T[]): T[] => {
    const text = values[what];
    if (text === undefined) return [...known];
    return pick(
      what.slice(0, -1),
      namesIn(`--${what}`, text),
      new Map(known.map((name) => [name as string, name])),
    );
  };
  return {
    pollers: named('pollers', pollersHere),
    apps: named('apps', Object.keys(APPS) as AppName[]),
    connections: wholeNumber('--connections', values.connections, 1, MOST_CONNECTIONS),
    seconds: wholeNumber('--seconds', values.seconds, 1, MOST_SECONDS),
    seed: values.seed === undefined ? randomInt(2 ** 32) : wholeNumber('--seed', values.seed, 0),
  };
}

function parsed(args: string[]) {
  return parseOptions({
    args,
    options: {
      seconds: { type: 'string', default: '120' },
      connections: { type: 'string', default: '5000' },
      pollers: { type: 'string' },
      apps: { type: 'string' },
      seed: { type: 'string' },
    },
  });
}

function rowOf({ poller, app, connections, report, fdsBefore, rests, idleWakeUps }: SoakResult): string[] {
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  return [
    poller,
    app,
    ...[connections, report.connections, report.requests].map(String),
    mib(report.bytesChecked),
    ...[report.resets, report.halfCloses].map(String),
    `${report.slowReaders}/${report.slowWriters}`,
    String(report.errors),
    `${fdsBefore} to ${rests.at(-1)?.fds}`,
    rests.map(({ residentBytes }) => mib(residentBytes)).join(', '),
    idleWakeUps === null ? '-' : String(idleWakeUps),
  ];
}

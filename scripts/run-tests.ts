import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allowedCpus } from '../harness/collectors/environment.js';
import { cpuSecondsSinceLastAsked } from './tests/ended-cpu.js';
import { type Bundle, failedIn, inOrder, totalOf } from './tests/order.js';
import { sharing } from './tests/sharing.js';

/**
 * Runs every test file of the built tree, short ones that leave no traces several in a process (tests/sharing.ts) and each other one in
 * a process of its own, several processes at a time; and then those that measure, *.alone.test.ts, no more at once than there are CPUs.
 * With an argument, only the tests whose names match. Prints what a process said when it has ended, and last of all where the time went
 * and what failed.
 */

const DIST = fileURLToPath(new URL('..', import.meta.url));
/** Of these half mostly wait, for a process or a timer. */
const AT_ONCE = 6;
/** Of those that measure, at most, and where there is one CPU one after another. */
const MEASURE_AT_ONCE = 2;
/** A process that takes so long hangs. */
const DEADLINE_MS = 600_000;
const SLOWEST = 20;
/**
 * V8 optimises a function after as many bytes of its code as this; its own 66 kB are for programs that go on. Most tests end before
 * that pays: drawing a report takes a quarter less CPU. Those that measure are left as their users' processes are.
 */
const OPTIMISED_LATER = ['--interrupt-budget=1000000'];
/** It is V8's own flag, which a later one may not know. */
const whereKnown = (flags: readonly string[]): readonly string[] =>
  spawnSync(process.execPath, [...flags, '--eval', '']).status === 0 ? flags : [];

interface Ended {
  readonly bundle: Bundle;
  readonly seconds: number;
  /** Of it and of all that it waited for; null where the system does not say. */
  readonly cpuSeconds: number | null;
  readonly isFine: boolean;
  readonly said: string;
}

const [pattern] = process.argv.slice(2);
const options = [
  '--test-reporter=spec',
  ...(pattern === undefined ? [] : [`--test-name-pattern=${pattern}`]),
];
const running = new Set<ChildProcess>();
const ended: Ended[] = [];

const nameOf = ([file = '', ...others]: Bundle): string =>
  others.length === 0 ? file : `${file} and ${others.length} others`;

/** Node's arguments: a file, or a module that loads several, whose tests then run one after another. */
const entryOf = (bundle: Bundle): readonly string[] =>
  bundle.length === 1
    ? bundle
    : ['--input-type=module', '--eval', bundle.map((file) => `import './${file}';`).join('\n')];

function runBundle(bundle: Bundle, cpu: number | undefined, flags: readonly string[]): Promise<void> {
  const startedMs = performance.now();
  // Each of those that run at once measures on another CPU: on the same one they would make batches again and again.
  const env = { ...process.env, ...(cpu !== undefined && { POLLCOST_CPU: String(cpu) }) };
  const child = spawn(process.execPath, [...flags, ...options, ...entryOf(bundle)], {
    cwd: DIST,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  running.add(child);
  const parts: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => parts.push(part));
  let cpuSeconds: number | null = null;
  child.on('exit', () => {
    cpuSeconds = cpuSecondsSinceLastAsked();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      running.delete(child);
      const seconds = (performance.now() - startedMs) / 1000;
      const said = Buffer.concat(parts).toString();
      const how = code === 0 ? '' : `, ended with ${signal ?? `code ${code}`}`;
      process.stdout.write(`\n${bundle.join(', ')}: ${seconds.toFixed(1)} s${how}\n${said}`);
      ended.push({ bundle, seconds, cpuSeconds, isFine: code === 0, said });
      resolve();
    });
  });
}

async function runAll(
  bundles: readonly Bundle[],
  atOnce: number,
  flags: readonly string[] = [],
): Promise<void> {
  const cpus = allowedCpus();
  const left = [...bundles];
  const lane = async (at: number) => {
    for (let bundle = left.shift(); bundle !== undefined; bundle = left.shift())
      await runBundle(bundle, atOnce > 1 ? cpus.at(-1 - (at % cpus.length)) : undefined, flags);
  };
  await Promise.all(Array.from({ length: atOnce }, (_, at) => lane(at)));
}

const column = (seconds: number | null): string => (seconds?.toFixed(1) ?? '?').padStart(7);

function conclude(seconds: number): void {
  const broken = ended.filter(({ isFine }) => !isFine);
  for (const { bundle, said } of broken) process.stdout.write(`\nfailed: ${nameOf(bundle)}\n${said}`);
  const failed = broken.flatMap(({ bundle, said }) => failedIn(bundle, said));
  const slowest = [...ended].sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
  const lines = slowest.map(
    (one) => `${column(one.seconds)} ${column(one.cpuSeconds)}  ${nameOf(one.bundle)}`,
  );
  const files = ended.reduce((sum, { bundle }) => sum + bundle.length, 0);
  const cpuSeconds = ended.reduce((sum, one) => sum + (one.cpuSeconds ?? 0), 0);
  const totals = totalOf(ended.map(({ said }) => said));
  process.stdout.write(
    `\nthe slowest of ${files} files, in seconds and in those of CPUs:\n${lines.join('\n')}\n` +
      `${totals.map(([name, count]) => `${name} ${count}`).join(', ')}; ` +
      `${seconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} s of CPUs; ` +
      `${failed.length === 0 ? 'every file passed' : `failed: ${failed.join(', ')}`}\n`,
  );
  if (broken.length > 0) process.exitCode = 1;
}

/** Hundreds of probes would compile the C twin, each the same one. What compiles it in earnest is tested under CC. */
const PROBE = 'harness/processes/turn-probe';
const prebuildTwin = () =>
  spawnSync(process.execPath, [join(DIST, PROBE, 'prebuild.js')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
process.once('exit', () => rmSync(join(DIST, PROBE, 'prebuilt'), { recursive: true, force: true }));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const child of running) child.kill('SIGKILL');
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.test.js'),
);
const startedMs = performance.now();
const { together, alone } = inOrder(
  files,
  sharing((path) => readFileSync(join(DIST, path), 'utf8')),
);
prebuildTwin();
cpuSecondsSinceLastAsked();
await runAll(together, AT_ONCE, whereKnown(OPTIMISED_LATER));
await runAll(alone, Math.min(MEASURE_AT_ONCE, allowedCpus().length));
conclude((performance.now() - startedMs) / 1000);

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allowedCpus } from '../harness/collectors/environment.js';
import { inOrder, totalOf } from './tests/order.js';

/**
 * Runs every test file of the built tree in a process of its own, several at a time, and then those that measure,
 * *.alone.test.ts, no more at once than there are CPUs. With an argument, only the tests whose names match. Prints what a file
 * said when it has ended, and last of all where the time went and what failed.
 */

const DIST = fileURLToPath(new URL('..', import.meta.url));
/** Of these two mostly wait, for a process or a timer. */
const AT_ONCE = 4;
/** Of those that measure, at most, and where there is one CPU one after another. */
const MEASURE_AT_ONCE = 2;
/** A file that takes so long hangs. */
const DEADLINE_MS = 600_000;
const SLOWEST = 20;

interface Ended {
  readonly file: string;
  readonly seconds: number;
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

function runFile(file: string, cpu: number | undefined): Promise<void> {
  const startedMs = performance.now();
  // Each of those that run at once measures on another CPU: on the same one they would make batches again and again.
  const env = { ...process.env, ...(cpu !== undefined && { POLLCOST_CPU: String(cpu) }) };
  const child = spawn(process.execPath, [...options, file], {
    cwd: DIST,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  running.add(child);
  const parts: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => parts.push(part));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      running.delete(child);
      const seconds = (performance.now() - startedMs) / 1000;
      const said = Buffer.concat(parts).toString();
      const how = code === 0 ? '' : `, ended with ${signal ?? `code ${code}`}`;
      process.stdout.write(`\n${file}: ${seconds.toFixed(1)} s${how}\n${said}`);
      ended.push({ file, seconds, isFine: code === 0, said });
      resolve();
    });
  });
}

async function runAll(files: readonly string[], atOnce: number): Promise<void> {
  const cpus = allowedCpus();
  const left = [...files];
  const lane = async (at: number) => {
    for (let file = left.shift(); file !== undefined; file = left.shift())
      await runFile(file, atOnce > 1 ? cpus.at(-1 - (at % cpus.length)) : undefined);
  };
  await Promise.all(Array.from({ length: atOnce }, (_, at) => lane(at)));
}

function conclude(seconds: number): void {
  const failed = ended.filter(({ isFine }) => !isFine);
  for (const { file, said } of failed) process.stdout.write(`\nfailed: ${file}\n${said}`);
  const slowest = [...ended].sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
  const lines = slowest.map(({ file, seconds: each }) => `${each.toFixed(1).padStart(7)} s  ${file}`);
  const totals = totalOf(ended.map(({ said }) => said));
  process.stdout.write(
    `\nthe slowest of ${ended.length} files:\n${lines.join('\n')}\n` +
      `${totals.map(([name, count]) => `${name} ${count}`).join(', ')}; ${seconds.toFixed(0)} s; ` +
      `${failed.length === 0 ? 'every file passed' : `failed: ${failed.map(({ file }) => file).join(', ')}`}\n`,
  );
  if (failed.length > 0) process.exitCode = 1;
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
const { together, alone } = inOrder(files.map((file) => join(file)));
const startedMs = performance.now();
prebuildTwin();
await runAll(together, AT_ONCE);
await runAll(alone, Math.min(MEASURE_AT_ONCE, allowedCpus().length));
conclude((performance.now() - startedMs) / 1000);

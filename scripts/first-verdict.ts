import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import '../harness/cli/begin.js';

/**
 * `npm run first-verdict`: how long somebody waits who clones this repository and wants an answer. In a fresh clone of what is
 * committed here: `npm ci`, the build, `bench` until its table of verdicts. Exit code 1 when that takes more than two minutes.
 */

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const MOST_S = 120;
const DEADLINE_MS = 600_000;

const folder = mkdtempSync(join(tmpdir(), 'pollcost-first-'));
const clone = join(folder, 'pollcost');
try {
  const cloned = spawnSync('git', ['clone', '--quiet', CHECKOUT, clone], { encoding: 'utf8' });
  if (cloned.status !== 0) throw new Error(`git clone: ${cloned.stderr.trim()}`);
  const parts = [
    ['npm ci', await seconds('npm', ['ci', '--no-audit', '--no-fund'], 'end')],
    ['the build', await seconds('npm', ['run', '-s', 'build'], 'end')],
    ['bench, to its first verdict', await seconds('npm', ['run', '-s', 'bench'], 'first output')],
  ] as const;
  for (const [what, took] of parts) console.log(`${took.toFixed(1).padStart(6)} s  ${what}`);
  const all = parts.reduce((sum, [, took]) => sum + took, 0);
  console.log(`${all.toFixed(1).padStart(6)} s  in all; at most ${MOST_S}`);
  if (all > MOST_S) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Until it ends, or says its first on stdout, which is bench's table. @throws Error when it fails */
async function seconds(
  program: string,
  args: readonly string[],
  until: 'end' | 'first output',
): Promise<number> {
  const started = performance.now();
  const since = () => (performance.now() - started) / 1000;
  const child = spawn(program, args, {
    cwd: clone,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
  });
  let [said, first] = ['', Number.NaN];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  child.stdout.on('data', () => {
    if (Number.isNaN(first)) first = since();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${said.trim()}`);
  return until === 'end' ? since() : first;
}

import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import '../harness/cli/begin.js';
import { BUILT } from '../harness/gate/against.js';
import { BenchVersion } from '../harness/gate/bench-version.js';
import { type Plant, plants, spinsFor } from '../harness/gate/plants.js';
import { eventNs } from '../harness/gate/self-test.js';
import { harnessPoller } from '../pollers/manifest.js';
import { optionsOrExit } from './options.js';

/**
 * `npm run gate:branch -- [--plants system-call,dispatch] [--out results/gate-branch] [-- GATE-OPTIONS]`: what a pull request that slows
 * epoll down comes to. In a clone of what is committed here a branch gets the plants in its sources, and is gated against main
 * as anybody would do it; gate.md is printed. Exit code 0 when the gate has failed it (3), else 1.
 */

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const REGRESSION = 3;

const { values, positionals } = optionsOrExit({
  allowPositionals: true,
  options: {
    plants: { type: 'string', default: 'system-call,dispatch' },
    out: { type: 'string', default: 'results/gate-branch' },
  },
});
const chosen = values.plants.split(',').map(plantNamed);
const out = resolve(values.out);
if (existsSync(out)) {
  console.error(`${out} exists; choose another --out`);
  process.exit(2);
}
const scratch = mkdtempSync(join(tmpdir(), 'pollcost-branch-'));
const clone = join(scratch, 'pollcost');
try {
  mkdirSync(out, { recursive: true });
  run('git', ['clone', '--quiet', CHECKOUT, clone], scratch);
  symlinkSync(join(CHECKOUT, 'node_modules'), join(clone, 'node_modules'));
  // A link is not the folder that .gitignore names, and would count as a change.
  appendFileSync(join(clone, '.git/info/exclude'), 'node_modules\n');
  run('git', ['switch', '--quiet', '--force-create', 'main'], clone);
  run('git', ['switch', '--quiet', '--create', 'planted'], clone);
  const spins = chosen.some(({ id }) => id === 'dispatch') ? await quarterOfAnEvent() : 0;
  for (const plant of chosen) plantIntoSource(plant, spins);
  run('git', ['commit', '--quiet', '--all', '--message', `Plant ${values.plants}`], clone);
  run('npm', ['run', '-s', 'build'], clone);
  const main = join(clone, 'dist/harness/cli/main.js');
  const args = ['gate', '--against', 'main', '--out', join(out, 'gate'), ...positionals];
  const { status } = spawnSync(process.execPath, [main, ...args], { cwd: clone, stdio: ['ignore', 2, 2] });
  const summary = join(out, 'gate/gate.md');
  if (existsSync(summary)) process.stdout.write(readFileSync(summary, 'utf8'));
  console.log(
    `\nThe gate of a branch with ${chosen.map(({ what }) => what).join(' and ')} ended with ${status}.`,
  );
  process.exitCode = status === REGRESSION ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function plantNamed(id: string): Plant {
  const plant = plants.find((each) => each.id === id);
  if (plant) return plant;
  console.error(`there is no plant '${id}'; there are ${plants.map((each) => each.id).join(', ')}`);
  process.exit(2);
}

/** Turns of a spinning loop that take a quarter of what an event costs here. */
async function quarterOfAnEvent(): Promise<number> {
  const order = { experiments: ['cascade'], pollers: [harnessPoller], connections: [1, 1000] };
  const side = { label: 'first', commit: null, dirty: false };
  const main = join(BUILT, 'harness/cli/main.js');
  const version = new BenchVersion(side, main, order, join(scratch, 'first'));
  return spinsFor(eventNs(await version.launch(1, new AbortController().signal)) / 4);
}

/** It is JavaScript, which the compiler shall take as it is. */
function plantIntoSource({ file, code }: Plant, spins: number): void {
  const source = join(clone, file.replace(/\.js$/, '.ts'));
  writeFileSync(source, `// @ts-nocheck\n${readFileSync(source, 'utf8')}`);
  appendFileSync(source, code(spins));
}

function run(program: string, args: readonly string[], cwd: string): void {
  const author = { NAME: 'planted', EMAIL: 'planted@localhost' };
  const env = {
    ...process.env,
    ...{ GIT_AUTHOR_NAME: author.NAME, GIT_AUTHOR_EMAIL: author.EMAIL },
    ...{ GIT_COMMITTER_NAME: author.NAME, GIT_COMMITTER_EMAIL: author.EMAIL },
  };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${(stderr || stdout).trim()}`);
}

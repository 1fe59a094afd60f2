import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import '../harness/cli/begin.js';
import { withoutUnshare } from '../harness/cli/testing/seccomp.js';
import { optionsOrExit } from './options.js';
import { binOf } from './package/steps.js';

/**
 * `npm run machines -- [--out results/machines] [--experiments a,b] [--only name,name]`: small runs of this machine, each as another one would
 * be (limits, users, Node lines, file tables, memory accounting on and off), and the page that holds them together. Those that cannot be
 * had here are left out with the reason.
 */

const MAIN = fileURLToPath(new URL('../harness/cli/main.js', import.meta.url));
const DEADLINE_MS = 300_000;

const { values } = optionsOrExit({
  options: {
    out: { type: 'string', default: 'results/machines' },
    experiments: { type: 'string', default: 'limits,watched-fds,ready-fds,memory' },
    only: { type: 'string' },
  },
});
const out = resolve(values.out);
const scratch = mkdtempSync(join(tmpdir(), 'pollcost-machines-'));
// Somebody else has to reach what is there.
chmodSync(scratch, 0o755);

interface Machine {
  readonly name: string;
  /** A shell's words before the program; null where it cannot be had. */
  readonly before: string | null;
  readonly node?: string;
}

const ofLine = (line: string): Machine => {
  const { bin } = binOf(line, scratch);
  return { name: `node-${line}`, before: 'exec', node: join(bin, 'node') };
};
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const filter = withoutUnshare(scratch);
const isRoot = process.getuid?.() === 0;
const isWanted = (name: string): boolean => values.only?.split(',').includes(name) ?? true;

const rootMemoryCgroup = ['/sys/fs/cgroup/memory', '/sys/fs/cgroup'].find((place) =>
  existsSync(join(place, 'cgroup.procs')),
);
const accounted = rootMemoryCgroup === undefined ? null : ownCgroup(rootMemoryCgroup);

try {
  mkdirSync(out, { recursive: true });
  const machines: readonly Machine[] = [
    { name: 'as-it-is', before: 'exec' },
    { name: 'fds-256', before: 'ulimit -n 256; exec' },
    { name: 'fds-1024', before: 'ulimit -n 1024; exec' },
    { name: 'shared-file-table', before: filter && `exec ${quoted(filter)}` },
    { name: 'one-cpu', before: 'exec taskset -c 0' },
    { name: 'no-root', before: isRoot ? 'exec setpriv --reuid 1000 --regid 1000 --clear-groups' : null },
    {
      // Nobody counts for the root of all memory cgroups: there it is as on a kernel without that accounting.
      name: 'memory-accounting-off',
      before: isRoot && rootMemoryCgroup ? `echo $$ >${rootMemoryCgroup}/cgroup.procs && exec` : null,
    },
    {
      name: 'memory-accounting-on',
      before: isRoot && accounted ? `echo $$ >${accounted}/cgroup.procs && exec` : null,
    },
    ...['22', '24', '26'].filter((line) => isWanted(`node-${line}`)).map(ofLine),
  ];
  const folders = machines
    .filter(({ name }) => isWanted(name))
    .flatMap((machine, index) => measured(machine, index));
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'report', ...folders], {
    encoding: 'utf8',
  });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  if (status !== 0) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
  if (accounted !== null) rmdirSync(accounted);
}

/** A cgroup of its own whose memory is counted, or null where none can be made. */
function ownCgroup(root: string): string | null {
  const place = join(root, `pollcost-machines-${process.pid}`);
  try {
    mkdirSync(place);
  } catch (error) {
    console.error(`no memory cgroup of its own: ${(error as Error).message}`);
    return null;
  }
  if (['memory.stat', 'memory.kmem.usage_in_bytes'].some((file) => existsSync(join(place, file))))
    return place;
  rmdirSync(place);
  return null;
}

/** The folder of its run, or none. */
function measured({ name, before, node = process.execPath }: Machine, index: number): string[] {
  if (before === null) {
    console.log(`${name}: left out, it cannot be had here`);
    return [];
  }
  const folder = join(out, name);
  rmSync(folder, { recursive: true, force: true });
  const place = join(out, `${name}.tmp`);
  mkdirSync(place, { recursive: true });
  chmodSync(place, 0o777);
  const args = ['bench', '--profile', 'quick', '--experiments', values.experiments, '--no-report'];
  const more = ['--seed', String(index + 1), '--out', join(place, 'run')];
  const command = [node, MAIN, ...args, ...more].map(quoted).join(' ');
  const { status, stderr } = spawnSync('sh', ['-c', `${before} ${command}`], {
    cwd: place,
    encoding: 'utf8',
    env: { ...process.env, HOME: place },
    timeout: DEADLINE_MS,
  });
  if (status !== 0) {
    rmSync(place, { recursive: true, force: true });
    console.log(`${name}: left out, exit code ${status}: ${stderr.trim().split('\n').at(-1)}`);
    return [];
  }
  console.log(`${name}: measured`);
  renameSync(join(place, 'run'), folder);
  rmSync(place, { recursive: true, force: true });
  return [folder];
}

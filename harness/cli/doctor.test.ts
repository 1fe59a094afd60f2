import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readText } from '../collectors/collector.js';
import { allowedCpus } from '../collectors/environment.js';
import type { Diagnosis } from '../doctor/diagnosis.js';
import { NO_SECCOMP, withoutIoUring, withoutUnshare } from './testing/seccomp.js';
import { shared } from './testing/shared.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const NODE = process.execPath;
const folder = mkdtempSync(join(tmpdir(), 'pollcost-doctor-'));
after(() => rmSync(folder, { recursive: true, force: true }));

type Options = { cwd?: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number };

const run = (program: string, args: readonly string[], options: Options = {}) =>
  spawnSync(program, args, { cwd: '/', encoding: 'utf8', timeout: 60_000, ...options });

const limitedTo = (fds: number, ...args: string[]) =>
  run('sh', ['-c', `ulimit -n ${fds} && exec "$@"`, 'sh', NODE, MAIN, ...args]);

/** Where nobody looks at what it says of the CPU's speeds. */
const GLANCE = ['--speeds', '0.1'];
/** Node's arguments for a doctor that is told of another system. */
const elsewhere = (platform: string): string[] => [
  '--import',
  `data:text/javascript,Object.defineProperty(process,'platform',{value:'${platform}'})`,
  MAIN,
  'doctor',
  ...GLANCE,
];
/** Where no poller runs it says a little, in a moment: enough for those who look at how it says something. */
const BRIEFLY = elsewhere('win32');

/** What `doctor --json` printed, by the id of the check. */
function checksOf({ status, stdout, stderr }: SpawnSyncReturns<string>): Map<string, Diagnosis> {
  assert.equal(status, 0, stderr);
  return new Map((JSON.parse(stdout) as Diagnosis[]).map((diagnosis) => [diagnosis.id, diagnosis]));
}

function assertState(checks: Map<string, Diagnosis>, id: string, state: string): Diagnosis {
  const diagnosis = checks.get(id);
  assert.ok(diagnosis, `a check ${id}`);
  assert.equal(diagnosis.state, state, JSON.stringify(diagnosis));
  return diagnosis;
}

const isThere = (program: string) => run(program, ['--version']).error === undefined;

/** Both forms of a run here that nothing is withheld from, each made once. */
const asJson = shared(() => run(NODE, [MAIN, 'doctor', '--json']));
const asText = shared(() => {
  const [here, temporary] = [mkdtempSync(join(folder, 'here-')), mkdtempSync(join(folder, 'tmp-'))];
  const result = run(NODE, [MAIN, 'doctor', ...GLANCE], {
    cwd: here,
    env: { ...process.env, TMPDIR: temporary },
  });
  return { ...result, left: [readdirSync(here), readdirSync(temporary)], processes: processesOf(result.pid) };
});

/** The children that are left of a process: each has its parent's pid as its only argument. */
const processesOf = (pid: number): string[] =>
  readdirSync('/proc')
    .map((process) => readText(`/proc/${process}/cmdline`) ?? '')
    .filter((command) => command.endsWith(`main.js\0${pid}\0`));

test('every check has an id of its own, a group, a state and one line; a shortage says what follows', () => {
  const { status, stdout, stderr } = asJson();
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  const diagnoses = JSON.parse(stdout) as Diagnosis[];
  assert.equal(new Set(diagnoses.map(({ id }) => id)).size, diagnoses.length);
  for (const diagnosis of diagnoses) {
    assert.deepEqual(Object.keys(diagnosis), ['id', 'group', 'state', 'finding', 'consequence', 'command']);
    assert.match(diagnosis.state, /^(fine|limited|missing)$/);
    assert.match(diagnosis.finding, /^\S.*\S$|^\S$/);
    assert.equal(diagnosis.consequence === null, diagnosis.state === 'fine');
    if (diagnosis.state === 'fine') assert.equal(diagnosis.command, null);
  }
});

test('the text has every check, no colour in a pipe, and ends with the sum', () => {
  const checks = checksOf(asJson());
  const { stdout } = asText();
  for (const id of checks.keys()) assert.match(stdout, new RegExp(`^  (fine|limited|missing) +${id} `, 'm'));
  assert.ok(!stdout.includes('\u001b'));
  assert.match(
    stdout.trimEnd().split('\n').at(-1) ?? '',
    /^\d+ fine, \d+ limited, \d+ missing; bench can measure \d+ of \d+ experiments fully$/,
  );
});

test('colour is for terminals, and NO_COLOR forbids it there', (t) => {
  if (!isThere('script')) return void t.skip('script (util-linux), which makes a terminal, is not installed');
  // Node shows no colours where CI is set, terminal or not.
  const { NO_COLOR: _, CI: __, ...rest } = process.env;
  const onTerminal = (env: NodeJS.ProcessEnv) =>
    run('script', ['-qec', `'${NODE}' ${BRIEFLY.map((word) => `"${word}"`).join(' ')}`, '/dev/null'], {
      env: { ...rest, TERM: 'xterm-256color', ...env },
    }).stdout;
  assert.ok(onTerminal({}).includes('\u001b[32m'));
  assert.ok(!onTerminal({ NO_COLOR: '1' }).includes('\u001b['));
});

test('it changes nothing: no file in its folder or in TMPDIR, no process left', () => {
  const { status, left, processes } = asText();
  assert.equal(status, 0);
  assert.deepEqual(processes, []);
  assert.deepEqual(left, [[], []]);
});

test('a reader that has had enough is no error', () => {
  const { status, stderr } = run('sh', ['-c', '"$0" "$@" | head -1', NODE, ...BRIEFLY]);
  assert.deepEqual([status, stderr], [0, '']);
});

test('bad usage is refused with 2, in one line; --help has examples', () => {
  for (const args of [['--jsn'], ['everything'], ['--speeds', '0'], ['--speeds', 'all']]) {
    const { status, stdout, stderr } = run(NODE, [MAIN, 'doctor', ...args]);
    assert.deepEqual([status, stdout, stderr.trimEnd().split('\n').length], [2, '', 1], stderr);
  }
  const { status, stdout } = run(NODE, [MAIN, 'doctor', '--help']);
  assert.equal(status, 0);
  assert.match(stdout, /Examples:\n {2}pollcost doctor/);
});

test('under 64 fds it says how few sockets can be watched and what that leaves out', () => {
  const checks = checksOf(limitedTo(64, 'doctor', '--json', ...GLANCE));
  const { finding, consequence, command } = assertState(checks, 'fd-limit', 'missing');
  assert.match(finding, /^64 fds .*: at most 12 watched sockets/);
  assert.match(consequence ?? '', /watched only up to 12.*claims undecided: .*idle-is-free/);
  assert.match(command ?? '', /32768|docker exec/);
  assertState(checks, 'turn-probe', 'fine');
});

test('with too few fds for a child process it still answers, or says that it has too few to load', () => {
  const limits = [48, 40, 36, 32, 28, 26];
  const answered = limits.filter((fds) => {
    const result = limitedTo(fds, 'doctor', '--json', ...GLANCE);
    // How many of its files Node has open at once hangs on how busy the machine is.
    if (result.status === 5) {
      assert.match(result.stderr, /^pollcost: not enough fds to load this program \(EMFILE\): .*\n$/);
      return false;
    }
    const { finding } = assertState(checksOf(result), 'fd-limit', 'missing');
    assert.match(finding, new RegExp(`^${fds} fds`));
    return true;
  });
  assert.ok(answered.length > 0, 'at no limit');
});

const NOBODY = { uid: 65534, gid: 65534 };
const [firstCpu, secondCpu] = allowedCpus();
const tasksetFile = run('sh', ['-c', 'command -v taskset']).stdout.trim();
const canPin = secondCpu !== undefined && tasksetFile !== '';
const isReadable = () => run(NODE, ['-e', `fs.accessSync(${JSON.stringify(MAIN)})`], NOBODY).status === 0;
const canBeNobody = process.getuid?.() === 0 && isReadable();

/** A place that lacks what does not hang together: a compiler in PATH, a second CPU and any rights, as far as each can be taken. */
const inNeed = shared(() => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(NODE, join(bin, 'node'));
  chmodSync(folder, 0o755);
  const { POLLCOST_CPU: _, ...env } = process.env;
  const command = [
    ...(canPin ? [tasksetFile, '-c', String(firstCpu)] : []),
    NODE,
    MAIN,
    'doctor',
    '--json',
    ...GLANCE,
  ];
  // CC: also where a twin was made beforehand.
  const options = { env: { ...env, CC: 'cc', PATH: bin }, ...(canBeNobody ? NOBODY : {}) };
  return checksOf(run(command[0] as string, command.slice(1), options));
});

test('without cc in PATH the C twin is missing, by name', () => {
  const { finding, consequence } = assertState(inNeed(), 'c-compiler', 'missing');
  assert.match(finding, /no C compiler/);
  assert.match(
    consequence ?? '',
    /watched-fds.*without series c-twin; claims undecided: few-sockets-cpu; bindingNsPerTurn and netNsPerTurn/,
  );
});

test('on one CPU nothing is pinned, and it says which figures are weaker', (t) => {
  if (!canPin) return void t.skip('this machine allows one CPU only, or has no taskset (util-linux)');
  const { finding, consequence } = assertState(inNeed(), 'cpus', 'limited');
  assert.match(finding, new RegExp(`^one CPU of \\d+ \\(${firstCpu}\\)`));
  assert.match(consequence ?? '', /slept/);
});

test('as nobody it works, and says that slabinfo is closed', (t) => {
  if (!canBeNobody)
    return void t.skip('only root can become nobody, who has to be able to read this checkout');
  assert.match(assertState(inNeed(), 'privileges', 'fine').finding, /^uid 65534, not root/);
  assert.match(inNeed().get('slabinfo')?.finding ?? '', /closed to this user|no \/proc\/slabinfo/);
  assertState(inNeed(), 'turn-probe', 'fine');
});

/** What a sandbox may refuse, as the wrappers that refuse it; null without a C compiler to make them with. */
const sandboxOf = shared(() => {
  const [unshare, ...ioUring] = [
    withoutUnshare(folder),
    withoutIoUring(folder, 'EPERM'),
    withoutIoUring(folder, 'ENOSYS'),
  ];
  return unshare && ioUring[0] && ioUring[1] ? { unshare, EPERM: ioUring[0], ENOSYS: ioUring[1] } : null;
});

/** In one that refuses unshare too, or in one that refuses io_uring alone. */
const inSandbox = {
  EPERM: shared(() => doctorUnder(sandboxOf()?.unshare, sandboxOf()?.EPERM)),
  ENOSYS: shared(() => doctorUnder(sandboxOf()?.ENOSYS)),
};

const doctorUnder = (...wrappers: (string | undefined)[]) =>
  sandboxOf() &&
  run(wrappers[0] as string, [...(wrappers.slice(1) as string[]), NODE, MAIN, 'doctor', '--json', ...GLANCE]);

test('where a sandbox refuses unshare the file table is shared, and it says what that costs', (t) => {
  const result = inSandbox.EPERM();
  if (!result) return void t.skip('no C compiler to make a seccomp filter with');
  if (result.status === NO_SECCOMP) return void t.skip('this kernel takes no seccomp filter');
  const found = checksOf(result).get('file-table');
  assert.notEqual(found?.state, 'fine');
  assert.match(found?.finding ?? '', /unshare: EPERM/);
  assert.match(
    found?.consequence ?? '',
    /select and poll cost about 30 ns more per fd.*without fileTable private/,
  );
});

for (const [errno, advice] of [
  ['EPERM', /io_uring_setup: EPERM: a seccomp filter forbids it/],
  ['ENOSYS', /io_uring_setup: ENOSYS: this kernel has no io_uring, or a seccomp filter hides it/],
] as const) {
  test(`where a sandbox refuses io_uring with ${errno}, doctor and bench say why, and nothing else is lost`, (t) => {
    const result = inSandbox[errno]();
    if (!result) return void t.skip('no C compiler to make a seccomp filter with');
    if (result.status === NO_SECCOMP) return void t.skip('this kernel takes no seccomp filter');
    const checks = checksOf(result);
    assert.match(assertState(checks, 'io-uring', 'missing').finding, advice);
    assertState(checks, 'turn-probe', 'fine');
    const out = join(folder, `without-${errno}`);
    const dryRun = [NODE, MAIN, 'bench', '--dry-run', '--pollers', 'io_uring', '--out', out];
    const bench = run(sandboxOf()?.[errno] as string, dryRun);
    assert.equal(bench.status, 2, bench.stderr);
    assert.match(bench.stderr, advice);
  });
}

test('without Koffi the probe does not start, which is a finding', () => {
  const copy = join(folder, 'copy');
  const [dist, modules] = [
    new URL('../..', import.meta.url),
    new URL('../../../node_modules/', import.meta.url),
  ];
  cpSync(dist, join(copy, 'dist'), { recursive: true, filter: (path) => !path.endsWith('.test.js') });
  cpSync(new URL('../../../package.json', import.meta.url), join(copy, 'package.json'));
  mkdirSync(join(copy, 'node_modules'));
  for (const name of readdirSync(modules)) {
    if (!/koffi|koromix/.test(name)) symlinkSync(new URL(name, modules), join(copy, 'node_modules', name));
  }
  const { status, stdout, stderr } = run(NODE, [
    join(copy, 'dist/harness/cli/main.js'),
    'doctor',
    '--json',
    ...GLANCE,
  ]);
  assert.equal(stderr, '');
  const checks = checksOf({ status, stdout, stderr } as SpawnSyncReturns<string>);
  const { finding, command } = assertState(checks, 'turn-probe', 'missing');
  assert.match(finding, /Cannot find package 'koffi'/);
  assert.ok(!finding.includes(folder), 'no path of this installation');
  // A copy without its sources is a package, not a checkout.
  assert.equal(command, 'npm install');
});

test('where it is not Linux it says so, and what works', () => {
  const { status, stdout, stderr } = run(NODE, elsewhere('darwin'));
  assert.equal(status, 0, stderr);
  assert.match(
    stdout,
    /missing +system +darwin .*turns of select, poll, kqueue are measured, which\n +was tried against a shim only\n.*memory, churn.*skipped/,
  );
  assert.match(stdout, /3 fine, 0 limited, 1 missing; bench can measure 1 of \d+ experiments fully\n$/);
});

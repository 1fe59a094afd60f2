import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { configSchema } from '../gate/config.js';
import { gateSchema } from '../gate/gate-schema.js';
import { exitCodeOf } from '../gate/outcome.js';
import { gitIn } from '../gate/testing/repository.js';
import { untilGone } from '../testing/processes.js';
import { until } from '../testing/until.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../../docs/examples/gated-server', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-gate-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The worked example as a repository of its own with one commit. */
function example(name: string): string {
  const root = join(folder, name);
  cpSync(EXAMPLE, root, { recursive: true });
  gitIn(root, 'init', '-q', '-b', 'main');
  gitIn(root, 'add', '.');
  gitIn(root, 'commit', '-qm', 'a server');
  return root;
}

const gate = (cwd: string, args: string[], env: NodeJS.ProcessEnv = process.env) =>
  spawnSync(process.execPath, [MAIN, 'gate', ...args], { cwd, env, encoding: 'utf8', timeout: 240_000 });

function refuses(cwd: string, args: string[], message: RegExp, env?: NodeJS.ProcessEnv): void {
  const { status, stderr, stdout } = gate(cwd, args, env);
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  assert.equal(stdout, '');
  assert.match(last, message);
  assert.equal(status, 2, stderr);
}

/** Everything in .git, and what git calls its worktrees. */
const stateOf = (root: string) =>
  JSON.stringify([
    gitIn(root, 'worktree', 'list').trim().split('\n').length,
    gitIn(root, 'status', '--porcelain'),
    readdirSync(join(root, '.git'), { recursive: true })
      .map(String)
      .filter((name) => !name.startsWith('worktrees'))
      .sort(),
  ]);

test('gate says what it takes when it is asked for nothing, or for two things', () => {
  refuses(
    folder,
    ['gate'].slice(1),
    /gate needs --against REF, --baseline RUN --current RUN, --self-test or --init/,
  );
  refuses(folder, ['--against', 'x', '--self-test'], /takes one of --against and --self-test, not both/);
  refuses(folder, ['--baseline', 'x'], /--baseline RUN takes --current RUN with it/);
});

test('input that cannot be gated is refused in one line that says what to do', () => {
  const root = example('refusals');
  refuses(folder, ['--against', 'main'], /is not in a git repository/);
  refuses(root, ['--against', 'mian'], /git knows no commit 'mian' here; did you mean 'main'\?/);
  refuses(root, ['--against', 'main', '--command', 'node server.js'], /--command needs \{port\}/);
  refuses(
    root,
    ['--against', 'main', '--metric', 'cpuUsPerReqest'],
    /unknown metric 'cpuUsPerReqest'; did you mean 'cpuUsPerRequest'\?/,
  );
  refuses(root, ['--against', 'main', '--max-minutes', '0'], /--max-minutes takes a number above 0/);
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  refuses(
    root,
    ['--against', 'main', '--build', 'echo oops >&2; exit 7'],
    /main \(\w+\) does not build, .*ended with code 7: oops/,
    { ...process.env, TMPDIR: temporary },
  );
  assert.deepEqual(readdirSync(temporary), []);
  refuses(root, ['--baseline', 'nowhere', '--current', 'nowhere'], /nowhere: holds no run/);
  refuses(root, ['--against', 'main'], /git cannot be run \(ENOENT\)/, { ...process.env, PATH: folder });
});

test('a configuration with an unknown metric or field is refused with the nearest name', () => {
  const root = example('configured');
  const write = (config: object) => writeFileSync(join(root, 'pollcost.config.json'), JSON.stringify(config));
  write({ metrics: { 'epoll/cpuNsPerTurm': 'warn' } });
  refuses(
    root,
    ['--against', 'main'],
    /unknown metric 'epoll\/cpuNsPerTurm'; did you mean 'epoll\/cpuNsPerTurn'\?/,
  );
  write({ margn: 0.1 });
  refuses(root, ['--against', 'main'], /pollcost\.config\.json: .*margn/);
  write({ metrics: { growth: 'fatal' } });
  refuses(root, ['--against', 'main'], /pollcost\.config\.json: metrics\.growth/);
});

test('a repository that is not ours is told how to gate its own code', () => {
  const root = example('foreign');
  rmSync(join(root, 'pollcost.config.json'));
  refuses(root, ['--against', 'main'], /is not pollcost's own repository: name what is to be gated in it/);
});

test('--init writes a file that its schema reads, and never over one that is there', () => {
  const root = join(folder, 'fresh');
  mkdirSync(root);
  assert.equal(gate(root, ['--init']).status, 0);
  const text = readFileSync(join(root, 'pollcost.config.json'), 'utf8');
  const config = configSchema.parse(JSON.parse(text));
  assert.ok(existsSync(join(root, config.$schema ?? '')), config.$schema);
  refuses(root, ['--init'], /exists already and is left as it is/);
  assert.equal(readFileSync(join(root, 'pollcost.config.json'), 'utf8'), text);
});

test('the worked example: a server that got much slower fails its gate, and the repository stays as it was', () => {
  const root = example('slower');
  const before = stateOf(root);
  const source = readFileSync(join(root, 'server.js'), 'utf8');
  const slow = source.replace(
    '  if (request.url',
    '  for (let i = 0; i < 3e6; i++) Math.sqrt(i);\n  if (request.url',
  );
  writeFileSync(join(root, 'server.js'), slow);
  const out = join(folder, 'slower-out');
  const { status, stdout, stderr } = gate(root, [
    '--against',
    'main',
    '--pairs',
    '3',
    '--out',
    out,
    '--seed',
    '3',
  ]);
  assert.equal(status, 3, stderr + stdout);
  assert.match(stderr, /the working tree has changes that are not committed/);
  assert.match(stdout, /command\/server\/cpuUsPerRequest\(held=1000,active=8\): regression, \+\d/);
  assert.match(stdout, /again: pollcost gate --against main --pairs 3 --seed 3/);
  const result = gateSchema.parse(JSON.parse(readFileSync(join(out, 'gate.json'), 'utf8')));
  assert.equal(result.outcome, 'regression');
  assert.equal(result.pairs, 3);
  writeFileSync(join(root, 'server.js'), source);
  assert.equal(stateOf(root), before);
});

/** A repository with a poller of its user's own: poll, in as many calls a turn as it says. */
function ownPoller(name: string, calls: number): string {
  const root = join(folder, name);
  mkdirSync(root);
  writeOwnPoller(root, calls);
  gitIn(root, 'init', '-q', '-b', 'main');
  gitIn(root, 'add', '.');
  gitIn(root, 'commit', '-qm', 'a poller');
  return root;
}

function writeOwnPoller(root: string, calls: number): void {
  const poll = new URL('../../pollers/poll.js', import.meta.url).href;
  writeFileSync(
    join(root, 'mine.mjs'),
    `import { PollPoller } from ${JSON.stringify(poll)};
class Mine extends PollPoller {
  wait(timeoutMs) {
    for (let call = 1; call < ${calls}; call++) super.wait(0);
    return super.wait(timeoutMs);
  }
}
export default () => new Mine();
`,
  );
}

const OWN = ['--against', 'main', '--pollers', 'mine=./mine.mjs'];

test("a poller of one's own: the file of the reference against the present one", () => {
  const root = ownPoller('own', 1);
  writeOwnPoller(root, 8);
  const out = join(folder, 'own-out');
  // Nobody asks for the C twin here, and each launch would compile it anew.
  const env = { ...process.env, CC: 'none' };
  const what = ['--experiments', 'cascade', '--connections', '100', '--metric', 'mine/cpuNsPerEvent'];
  const how = ['--pairs', '3', '--out', out, '--seed', '3'];
  const { status, stdout, stderr } = gate(root, [...OWN, ...what, ...how], env);
  assert.equal(status, 3, stderr + stdout);
  assert.match(stdout, /cascade\/mine\/cpuNsPerEvent\(pairs=100,.*\): regression, \+\d/);
  const result = gateSchema.parse(JSON.parse(readFileSync(join(out, 'gate.json'), 'utf8')));
  assert.deepEqual([result.reference.dirty, result.current.dirty], [false, true]);
});

/** It lets its clients wait, so that a launch takes time and no CPU. */
const IDLE = `import { createServer } from 'node:http';
createServer((_, response) => void setTimeout(() => response.end(), 20)).listen(Number(process.argv[2]), '127.0.0.1');
`;

test('what does not fit into the time is inconclusive, and says how to allow more', () => {
  const root = example('hurried');
  writeFileSync(join(root, 'server.js'), IDLE);
  gitIn(root, 'commit', '-qam', 'a server that waits');
  const hurried = ['--against', 'main', '--connections', '10', '--max-minutes', '0.05'];
  const { status, stdout, stderr } = gate(root, [...hurried, '--strict', '--out', 'strict']);
  assert.equal(status, 4, stderr);
  assert.match(stderr, /only 1 of 12 pairs fitted into 0.1 minutes: .*allow more with --max-minutes/);
  assert.match(stdout, /command\/server\/cpuUsPerRequest\(held=10,.*\): inconclusive/);
  // Without --strict it passes.
  assert.equal(exitCodeOf('inconclusive', false), 0);
  refuses(root, [...hurried, '--out', 'strict'], /strict is not empty; choose another --out/);
});

test('a file that the reference does not have, or that lies elsewhere, is refused', () => {
  const root = ownPoller('elsewhere', 1);
  writeFileSync(join(root, 'new.mjs'), readFileSync(join(root, 'mine.mjs')));
  refuses(
    root,
    ['--against', 'main', '--pollers', 'new=./new.mjs'],
    /new\.mjs does not exist in the version/,
  );
  refuses(root, ['--against', 'main', '--pollers', 'mine=../own/mine.mjs'], /lies outside of the repository/);
});

test('a server that cannot start fails the gate as what it is, with its last words', () => {
  const root = example('broken');
  writeFileSync(join(root, 'server.js'), 'throw new Error("no such luck")');
  const { status, stderr } = gate(root, ['--against', 'main', '--pairs', '2']);
  assert.equal(status, 1, stderr);
  assert.match(
    stderr.trimEnd().split('\n').at(-1) ?? '',
    /the working tree: .*'node server\.js \d+' ended with code 1: Error: no such luck/,
  );
});

/** The gate's server, by the port that stands in its command: whoever runs it in this test's folder. */
function serversIn(root: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!Number.isInteger(pid)) return false;
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('server.js') &&
          readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`GATED=${root}`)
        );
      } catch {
        return false;
      }
    });
}

const started = (root: string): ChildProcess =>
  spawn(process.execPath, [MAIN, 'gate', '--against', 'main', '--pairs', '50'], {
    cwd: root,
    env: { ...process.env, GATED: root },
    stdio: 'ignore',
  });

test('killed in the middle, the gate takes its server with it, and the next one takes its worktree away', async () => {
  const root = example('killed');
  const before = stateOf(root);
  const killed = started(root);
  await until(() => serversIn(root).length > 0, 'a server');
  const servers = serversIn(root);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  await untilGone(...servers);
  assert.notEqual(stateOf(root), before);
  const next = gate(root, ['--against', 'main', '--build', 'exit 9']);
  assert.equal(next.status, 2);
  assert.match(next.stderr, /removed what a killed gate had left behind/);
  assert.equal(stateOf(root), before);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends the gate with ${code}, its server, and its worktree`, async () => {
    const root = example(signal);
    const before = stateOf(root);
    const stopped = started(root);
    await until(() => serversIn(root).length > 0, 'a server');
    const servers = serversIn(root);
    stopped.kill(signal);
    assert.deepEqual(await once(stopped, 'exit'), [code, null]);
    await untilGone(...servers);
    assert.equal(stateOf(root), before);
  });
}

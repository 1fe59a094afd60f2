import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readRun } from '../results/run-folder.js';

/** Pollers of a user's own, from files: the worked example, and everything that can be wrong with one. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../../docs/examples/ppoll.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-own-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const pollcost = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, encoding: 'utf8', timeout: 120_000 });

let modules = 0;

/** A module in the current folder, as a user would name it. */
function moduleOf(source: string): string {
  const file = `./own-${modules++}.js`;
  writeFileSync(join(folder, file), source);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return file;
}

/** The example with something changed. */
const changed = (change: string): string =>
  moduleOf(`import make from ${JSON.stringify(EXAMPLE)};
export default () => { const poller = make(); const wait = poller.wait.bind(poller); ${change}; return poller; };`);

function refuses(args: string[], message: RegExp): void {
  const { status, stdout, stderr } = pollcost(...args);
  assert.equal(stdout, '');
  assert.match(stderr, message);
  assert.equal(stderr.trimEnd().split('\n').length, 1, `one line, not: ${stderr}`);
  assert.equal(status, 2);
}

const BENCH = [
  'bench',
  '--experiments',
  'limits,watched-fds',
  '--connections',
  '1,10',
  '--seed',
  '1',
  '--launches',
  '1',
];

const BROKEN: Record<string, [source: string, message: RegExp]> = {
  'no default export': ['export const poller = 1;', /has no default export/],
  'a class as its default export': ['export default class {}', /is a class; it has to be a function/],
  'a default export that is no function': ['export default 42;', /default export is not a function/],
  'an error while it loads': ["throw new Error('boom');", /cannot be loaded: boom/],
  'an error in its syntax': ['export default (', /cannot be loaded: /],
  'an import that is missing': ["import './nowhere.js';", /cannot be loaded: Cannot find module .*nowhere/],
  'an end of loading that never comes': [
    'await new Promise(() => {});',
    /does not come to the end of its loading/,
  ],
  'nothing made': ['export default () => undefined;', /is not a poller: it is undefined/],
  'a promise made': ['export default async () => ({});', /it is a promise/],
  'an error while it makes one': ["export default () => { throw new TypeError('no room'); };", /no room/],
};

for (const [name, [source, message]] of Object.entries(BROKEN)) {
  test(`a module with ${name} is refused in one line`, () => {
    const file = moduleOf(source);
    refuses(['check', file], message);
  });
}

const HALVES: Record<string, [change: string, message: RegExp]> = {
  'a method': ['poller.modify = undefined', /modify is not a method/],
  'a capability': [
    'delete poller.capabilities.scansAll',
    /capabilities\.scansAll is undefined, not a boolean/,
  ],
  'a trigger that there is': [
    "poller.capabilities.trigger = 'lever'",
    /trigger is lever, not level, edge or oneshot/,
  ],
  'typed ready fds': ['poller.readyFds = []', /readyFds is not an Int32Array/],
  'a whole native': ['poller.native = { call() {} }', /native\.collect is not a method/],
};

for (const [what, [change, message]] of Object.entries(HALVES)) {
  test(`half a poller, without ${what}, is refused in one line`, () =>
    refuses(['check', changed(change)], message));
}

test('bench and serve refuse such a module as check does', () => {
  const file = moduleOf("throw new Error('boom');");
  refuses([...BENCH, '--pollers', `mine=${file}`], /cannot be loaded: boom/);
  refuses(['serve', '--app', 'fixed', '--poller', `mine=${file}`], /cannot be loaded: boom/);
});

const LIES: Record<string, [capability: string, line: string]> = {
  'is edge-triggered': ["trigger = 'edge'", 'P37'],
  'holds an fd': ['ownsFd = true', 'P29'],
  'sees no errors': ['reportsErrors = false', 'P35'],
  'refuses at register': ['refusesAtRegister = true', 'P5'],
};

for (const [what, [capability, line]] of Object.entries(LIES)) {
  test(`a poller that says of itself that it ${what} and does not fails the contract there`, () => {
    const { status, stdout } = pollcost('check', changed(`poller.capabilities.${capability}`), '--json');
    assert.equal(status, 1);
    const { failed, behaviours } = JSON.parse(stdout);
    assert.ok(failed > 0);
    const behaviour = behaviours.find((each: { line: string }) => each.line === line);
    assert.equal(behaviour.outcome, 'failed');
    assert.ok(behaviour.why.length > 0);
  });
}

const NONSENSE: Record<string, string> = {
  'that is no number': 'poller.wait = () => NaN',
  'beyond its room': 'poller.wait = () => 1e6',
  'of another fd': 'poller.wait = (ms) => { const n = wait(ms); poller.readyFds[0]++; return n; }',
};

for (const [what, change] of Object.entries(NONSENSE)) {
  test(`nothing is measured with a poller whose wait reports something ${what}`, () =>
    refuses(
      [...BENCH, '--pollers', `mine=${changed(change)}`],
      /^pollcost: mine does not keep the contract: P\d+ \(/,
    ));
}

test('who was held to the contract before, as by a gate, is not held to it again', () => {
  const file = changed('poller.capabilities.reportsErrors = false');
  const asked = [...BENCH, '--pollers', `mine=${file}`, '--dry-run', '--no-contract'];
  const { status, stderr } = pollcost(...asked);
  assert.equal(status, 0, stderr);
});

test('a poller whose wait never returns is given up, and the other behaviours are told of', () => {
  const file = changed('poller.wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)');
  const { status, stdout } = pollcost('check', file);
  assert.equal(status, 1);
  assert.match(stdout, /^passed {3}P1 /m);
  assert.match(stdout, /^failed {3}P2 .*did not come back within 20\.0 s/m);
  assert.match(stdout, /^skipped {2}P45 .*not tried/m);
});

test('the worked example keeps the contract: each behaviour has its line, and skips have their reasons', () => {
  const { status, stdout } = pollcost('check', EXAMPLE);
  assert.equal(status, 0, stdout);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 46);
  for (const line of lines.slice(0, 45)) assert.match(line, /^(passed {3}|skipped {2})P\d+ +.{10}/);
  assert.match(lines[45] as string, /^\d+ passed, 0 failed, \d+ skipped$/);
});

test('the worked example is measured under the name that it is given, with what it lacks left out for a reason', () => {
  writeFileSync(join(folder, 'mine.js'), `export { default } from ${JSON.stringify(EXAMPLE)};`);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const { status, stderr } = pollcost(...BENCH, '--pollers', 'epoll,mine=./mine.js', '--out', 'run');
  assert.equal(status, 0, stderr);
  const cells = readRun(join(folder, 'run')).cells.filter(({ poller }) => poller === 'mine');
  const turns = cells.filter(
    ({ experiment, series }) => experiment === 'watched-fds' && series === 'pollcost',
  );
  assert.ok(turns.length > 5);
  for (const cell of turns) {
    assert.equal(cell.status, 'measured');
    assert.ok((cell.metrics.cpuNsPerTurn?.value ?? 0) > 0);
    assert.equal(cell.metrics.scanNsPerTurn, undefined, 'nobody can tell its scan from its call');
    assert.equal(cell.metrics.netNsPerTurn, undefined);
  }
  for (const cell of cells.filter(({ series }) => series === 'c-twin'))
    assert.match(cell.status === 'skipped' ? cell.reason : '', /not described in a form that C could make/);
  const page = readFileSync(join(folder, 'run/report/turns.html'), 'utf8');
  assert.match(page, /light-dark\(hsl/);
});

test('predict knows the pollers of its run, and says which cells a model of one lacks', () =>
  refuses(
    ['predict', '--poller', 'mine', '--watched', '10', '--ready', '1', '--run', 'run'],
    /too few cells for a model of mine/,
  ));

test('serve waits with a poller of its own', async () => {
  const server = spawn(process.execPath, [MAIN, 'serve', '--app', 'fixed', '--poller', `mine=${EXAMPLE}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
    const answer = await fetch(line.replace('listening on ', 'http://'));
    assert.equal(answer.status, 200);
    await answer.text();
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
});

/** That it keeps the contract was seen when the run began. */
const RESUME = ['bench', '--resume', 'run', '--launches', '1', '--no-contract'];

test('a run with a poller of its own goes on only with its file, and with the same file', () => {
  const file = join(folder, 'mine.js');
  refuses(
    ['bench', '--resume', 'run'],
    /run measures mine from a file; say which: --pollers epoll,mine=FILE/,
  );
  const resumed = pollcost(...RESUME, '--no-report', '--pollers', 'epoll,mine=./mine.js');
  assert.equal(resumed.status, 0, resumed.stderr);
  writeFileSync(file, `${readFileSync(file, 'utf8')}\n// changed`);
  refuses([...RESUME, '--pollers', 'epoll,mine=./mine.js'], /is a run of another plan/);
});

const NAMES: Record<string, [pollers: string, message: RegExp]> = {
  'a file that is not there': ['mine=./nowhere.js', /nowhere\.js: there is no such file/],
  'a folder': ['mine=.', /\.: is not a file/],
  'no file': ['mine=', /needs its file: mine=/],
  'the name of a poller that there is': ['epoll=./mine.js', /'epoll' is a poller of pollcost/],
  'a name that is none': ['Mine=./mine.js', /'Mine' cannot be a poller's name/],
};

for (const [name, [pollers, message]] of Object.entries(NAMES)) {
  test(`${name} for a poller of one's own is refused in one line`, () =>
    refuses([...BENCH, '--pollers', pollers], message));
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const pollcost = (args: string[], node: string[] = []) =>
  spawnSync(process.execPath, [...node, MAIN, ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 });

/** One line on stderr, nothing on stdout, exit code 2. */
function refuses(args: string[], message: RegExp, node: string[] = []): void {
  const { status, stdout, stderr } = pollcost(args, node);
  assert.equal(stdout, '');
  assert.match(stderr, message);
  assert.equal(stderr.trimEnd().split('\n').length, 1, `one line, not: ${stderr}`);
  assert.equal(status, 2);
}

const CASES: Record<string, [args: string[], message: RegExp]> = {
  'no command': [[], /no command given; try 'npm run bench'/],
  'an unknown command': [['bnch'], /unknown command 'bnch'; did you mean 'bench'\?/],
  'an unknown option': [
    ['bench', '--profil', 'quick'],
    /unknown option '--profil'; did you mean '--profile'\?/,
  ],
  'an option without its value': [['bench', '--seed'], /option '--seed <number>' argument missing/],
  'an unknown profile': [['bench', '--profile', 'quikc'], /unknown profile 'quikc'; did you mean 'quick'\?/],
  'an unknown poller': [['bench', '--pollers', 'epol'], /unknown poller 'epol'; did you mean 'epoll'\?/],
  'a poller like no other': [
    ['bench', '--pollers', 'completionports'],
    /unknown poller 'completionports'; there are busy, select/,
  ],
  'an unknown experiment': [['bench', '--experiments', 'watched-fd'], /did you mean 'watched-fds'\?/],
  'an empty name': [['bench', '--pollers', 'poll,,epoll'], /has an empty one/],
  'a count of 0': [['bench', '--connections', '0'], /from 1 on; 0 is below/],
  'a negative count': [['bench', '--connections', '-5'], /from 1 on; -5 is below/],
  'a fractional count': [['bench', '--connections', '1.5'], /1\.5 is a fraction/],
  'a count that is no number': [['bench', '--connections', '10,many'], /'many' is not a number/],
  'a hexadecimal count': [['bench', '--connections', '0x10'], /'0x10' is not a number/],
  'a count above the limit': [
    ['bench', '--connections', '100000000'],
    /100000000 connections are more than this process may hold: at most \d+ .*ulimit -n/,
  ],
  'a seed that is no number': [['bench', '--seed', 'x'], /--seed takes whole numbers; 'x' is not a number/],
  'an empty --out': [['bench', '--out', ''], /--out takes a path; '' is none: is a variable unset\?/],
  'an empty --resume': [['bench', '--resume', ''], /--resume takes a path; '' is none/],
  'an empty --out of gate': [['gate', '--out', ''], /--out takes a path; '' is none/],
  'an empty --baseline': [
    ['gate', '--baseline', '', '--current', 'x'],
    /--baseline takes a path; '' is none/,
  ],
  'an empty run to report': [['report', ''], /report takes a path; '' is none/],
  'an empty run to predict by': [
    ['predict', '--poller', 'poll', '--watched', '10', '--ready', '1', '--run', ''],
    /--run takes a path; '' is none/,
  ],
  'an unknown list': [['list', 'poller'], /no list of 'poller'; did you mean 'pollers'\?/],
  'too many arguments': [['list', 'pollers', 'claims'], /too many arguments/],
  'a report of nothing': [['report', 'nowhere'], /nowhere: holds no run/],
};

for (const [name, [args, message]] of Object.entries(CASES)) {
  test(`${name} is refused in one line`, () => refuses(args, message));
}

test('an output folder that is a file is refused and the file kept', () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'mine');
  refuses(['bench', '--experiments', 'limits', '--out', file], /is not a folder/);
  refuses(['bench', '--experiments', 'limits', '--out', join(file, 'below')], /is not a folder/);
  assert.equal(readFileSync(file, 'utf8'), 'mine');
});

test('an output folder that cannot be written is refused', () => {
  refuses(['bench', '--experiments', 'limits', '--out', '/sys/pollcost'], /cannot be (written|made)/);
});

test('an output folder that already holds a run is refused and the run kept', () => {
  const held = join(folder, 'held');
  mkdirSync(held);
  writeFileSync(join(held, 'run.json'), '{}');
  refuses(['bench', '--experiments', 'limits', '--out', held], /already holds a run; .*--resume/);
  assert.equal(readFileSync(join(held, 'run.json'), 'utf8'), '{}');
});

test('a truncated run.json is refused, named, and kept', () => {
  const cut = join(folder, 'cut');
  mkdirSync(cut);
  writeFileSync(join(cut, 'run.json'), '{"schemaVersion":2,"id":"2026');
  refuses(['report', cut], /cut\/run\.json: is cut off or is not JSON/);
  assert.equal(readFileSync(join(cut, 'run.json'), 'utf8'), '{"schemaVersion":2,"id":"2026');
});

test('a foreign run.json is refused and the field named', () => {
  const foreign = join(folder, 'foreign');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'run.json'), '{"schemaVersion":2,"name":"something else"}');
  refuses(['report', foreign], /foreign\/run\.json: id: /);
});

test('a run.json of a newer schema is refused', () => {
  const newer = join(folder, 'newer');
  mkdirSync(newer);
  writeFileSync(join(newer, 'run.json'), '{"schemaVersion":3}');
  refuses(['report', newer], /schemaVersion: 3 is newer than 2/);
});

test('a run.json of the first schema is refused with the release that reads it', () => {
  const older = join(folder, 'older');
  mkdirSync(older);
  writeFileSync(join(older, 'run.json'), '{"schemaVersion":1,"name":"something"}');
  writeFileSync(join(older, 'samples.ndjson'), '{"kind":"run","schemaVersion":1}\n');
  for (const command of [
    ['report', older],
    ['bench', '--resume', older],
  ]) {
    refuses(command, /older\/run\.json: schemaVersion: 1 is read by pollcost 0\.1\.0; use that release/);
  }
});

test('on win32, where no poller runs, bench says what works there, and list works', () => {
  const elsewhere = [
    '--import',
    "data:text/javascript,Object.defineProperty(process,'platform',{value:'win32'})",
  ];
  refuses(['bench'], /poll, epoll and kqueue and this is win32; .*list and report work/, elsewhere);
  assert.equal(pollcost(['list'], elsewhere).status, 0);
});

test('--help shows examples, --version the version, both on stdout', () => {
  for (const args of [['--help'], ['bench', '--help'], ['report', '--help'], ['list', '--help']]) {
    const { status, stdout, stderr } = pollcost(args);
    assert.match(stdout, /Examples:\n {2}pollcost /);
    assert.equal(stderr, '');
    assert.equal(status, 0);
  }
  assert.match(pollcost(['--version']).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('list prints every name with one line, as text and as JSON', () => {
  const { stdout } = pollcost(['list', '--json']);
  const lists = JSON.parse(stdout) as Record<string, { id: string; line: string }[]>;
  assert.deepEqual(Object.keys(lists), ['pollers', 'experiments', 'claims']);
  for (const [name, entries] of Object.entries(lists)) {
    const printed = pollcost(['list', name]).stdout.trimEnd().split('\n');
    assert.equal(printed.length, entries.length, 'one line each');
    for (const [index, { id, line }] of entries.entries()) {
      assert.ok(printed[index]?.startsWith(`${id} `) && printed[index]?.endsWith(line));
      assert.ok(line.length > 10);
    }
  }
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commandsIn, unmarkedCommands } from './docs/commands-in.js';
import { HOW_TRIED } from './docs/how-tried.js';

/** Every command that a document shows, run: as it stands, or in a form that the list in docs/how-tried.ts gives a reason for. */

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = fileURLToPath(new URL('../harness/cli/main.js', import.meta.url));
const DEADLINE_MS = 120_000;
const folder = mkdtempSync(join(tmpdir(), 'pollcost-docs-'));
/** A bench in the checkout makes this link anew. */
const newest = join(CHECKOUT, 'results/latest');
const newestBefore = readLink(newest);
after(() => {
  rmSync(folder, { recursive: true, force: true });
  if (readLink(newest) === newestBefore) return;
  rmSync(newest, { force: true });
  if (newestBefore !== null) symlinkSync(newestBefore, newest);
});

function readLink(path: string): string | null {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : null;
}

const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...readdirSync(join(CHECKOUT, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];
const text = (name: string): string => readFileSync(join(CHECKOUT, name), 'utf8');
const shown = documents.flatMap((name) => commandsIn(name, text(name)));
const run = join(folder, 'results/latest');
const bin = join(folder, 'bin');

const shell = (command: string, cwd: string) =>
  spawnSync('sh', ['-c', command], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    timeout: DEADLINE_MS,
  });

before(() => {
  mkdirSync(bin);
  writeFileSync(join(bin, 'pollcost'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(join(bin, 'pollcost'), 0o755);
  const bench = shell(
    `pollcost bench --profile quick --experiments limits,watched-fds,workload-grid,file-table --pollers poll,epoll --connections 1,10,50,100,400,1000 --launches 1 --seed 1 --no-report --out '${run}'`,
    folder,
  );
  assert.equal(bench.status, 0, bench.stderr);
});

/** What the words in capitals stand for here. */
const placed = (command: string): string =>
  command
    .replaceAll(/\bRUN\b/g, `'${run}'`)
    .replaceAll(/\bOUT\b/g, `'${join(folder, 'out')}'`)
    .replaceAll(/\bPOLLER\b/g, `'${join(CHECKOUT, 'docs/examples/ppoll.js')}'`);

/** Each is run once: two documents may show what is tried in the same form. */
const tried = new Map<string, ReturnType<typeof shell>>();

function tryOnce(command: string): ReturnType<typeof shell> {
  const result = tried.get(command) ?? shell(placed(command), command.startsWith('npm ') ? CHECKOUT : folder);
  tried.set(command, result);
  return result;
}

const howOf = (command: string) => HOW_TRIED.find(([pattern]) => pattern.test(command));

for (const command of new Set(shown.map((each) => each.command))) {
  const { file, line } = shown.find((each) => each.command === command) as (typeof shown)[0];
  test(`${file}:${line} shows: ${command}`, (t) => {
    const found = howOf(command);
    assert.ok(found, 'scripts/docs/how-tried.ts does not say how this command is tried');
    const how = found[1](command);
    if ('not' in how) return void t.skip(how.not);
    if ('by' in how) {
      assert.ok(existsSync(join(CHECKOUT, how.by)), how.by);
      return void t.skip(`tried by ${how.by}`);
    }
    if (how.why) t.diagnostic(`${how.as} (${how.why})`);
    const { status, stdout, stderr } = tryOnce(how.as);
    assert.equal(status, 0, `${stdout.slice(-2000)}\n${stderr.slice(-2000)}`);
    assert.notEqual(stdout + stderr, '', 'it says something');
  });
}

test('each way of trying belongs to a command that some document shows', () => {
  const used = new Set(shown.map(({ command }) => howOf(command)?.[0]));
  const stale = HOW_TRIED.filter(([pattern]) => !used.has(pattern)).map(([pattern]) => String(pattern));
  assert.deepEqual(stale, []);
});

test('no block that shows commands is left unmarked', () => {
  assert.deepEqual(
    documents.flatMap((name) => unmarkedCommands(text(name)).map((line) => `${name}: ${line}`)),
    [],
  );
});

test('every script that a document names is one of package.json, and each of those is named', () => {
  const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
  const named = new Set(
    documents.flatMap((name) =>
      [...text(name).matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, script = '']) => script),
    ),
  );
  assert.deepEqual(
    [...named].filter((script) => !(script in scripts)),
    [],
  );
  const ofNpm = ['build', 'check', 'test', 'prepack', 'prepare', 'postpack'];
  assert.deepEqual(
    Object.keys(scripts).filter((script) => !named.has(script) && !ofNpm.includes(script)),
    [],
  );
});

test('every option that the tables of commands name is one of that command', () => {
  const rows = documents.flatMap((name) => [...text(name).matchAll(/^\| `([a-z]+)\b(.*)$/gm)]);
  const helps = new Map<string, string>();
  const helpOf = (command: string): string => {
    const known = helps.get(command) ?? shell(`pollcost ${command} --help`, folder).stdout;
    helps.set(command, known);
    return known;
  };
  let options = 0;
  for (const [row, command = '', rest = ''] of rows) {
    if (!/^(bench|serve|check|predict|report|export|compare|gate|history|doctor|list)$/.test(command))
      continue;
    for (const [, option = ''] of rest.matchAll(/(?<![\w-])(--[a-z-]+)/g)) {
      options++;
      assert.ok(
        /^--(resume|help)$/.test(option) ||
          helpOf(command).includes(option) ||
          helpOf('bench').includes(option),
        `${option}: ${row}`,
      );
    }
  }
  assert.ok(options > 15, `${options} options were looked at`);
});

test('every picture of a document is one that npm run pictures makes', () => {
  const makes = text('scripts/pictures.ts');
  const pictures = documents.flatMap((name) =>
    [...text(name).matchAll(/[\w/-]+\.(?:png|svg|jpe?g)\b/g)].map(([path]) => path),
  );
  assert.ok(pictures.length > 0);
  for (const path of new Set(pictures)) {
    const [stem = ''] =
      path
        .split('/')
        .at(-1)
        ?.split(/-(?:light|dark)\./) ?? [];
    assert.ok(makes.includes(stem), path);
  }
});

test('every relative link of a document leads to a file', () => {
  const broken = documents.flatMap((name) =>
    [...text(name).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].flatMap(([, target = '']) =>
      existsSync(join(CHECKOUT, name, '..', target)) ? [] : [`${name}: ${target}`],
    ),
  );
  assert.deepEqual(broken, []);
});

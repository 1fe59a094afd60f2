import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** scripts/build.sh and the npm scripts, in a checkout with a small program of its own. */

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-build-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Says a word; with an argument, another one when it is told to, from a module that it loads then. */
const MAIN = `import './begin.js';
console.log('first');
if (process.argv[2] === 'wait') {
  process.stdin.once('data', async () => {
    const { word } = await import('./later.js');
    console.log(word);
    process.exit();
  });
}`;

const COPIED = [
  'scripts/build.sh',
  'scripts/prepare-package.sh',
  'scripts/tsconfig.types.json',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

const hasFlock = spawnSync('sh', ['-c', 'command -v flock']).status === 0;

function checkout(name: string): string {
  const root = join(folder, name);
  for (const path of COPIED) cpSync(join(CHECKOUT, path), join(root, path));
  for (const path of ['pollers', 'reports', 'harness/cli/testing', 'harness/results']) {
    mkdirSync(join(root, path), { recursive: true });
  }
  for (const path of ['cli/begin.ts', 'cli/standard-streams.ts', 'results/shown-controls.ts']) {
    cpSync(join(CHECKOUT, 'harness', path), join(root, 'harness', path));
  }
  symlinkSync(join(CHECKOUT, 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'harness/cli/main.ts'), MAIN);
  writeFileSync(join(root, 'harness/cli/main.test.ts'), 'export {};');
  for (const path of [
    'harness/cli/testing/planted.ts',
    'harness/index.ts',
    'harness/results/index.ts',
    'pollers/poller.ts',
    'scripts/tool.ts',
  ]) {
    writeFileSync(join(root, path), 'export {};');
  }
  writeWord(root, 'old');
  return root;
}

const writeWord = (root: string, word: string) =>
  writeFileSync(join(root, 'harness/cli/later.ts'), `export const word = '${word}';`);

function build(root: string, ...args: string[]) {
  const { status, stderr } = spawnSync('sh', ['scripts/build.sh', ...args], { cwd: root, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

const buildsIn = (root: string) => readdirSync(root).filter((name) => name.startsWith('dist.'));

/** As if it had been replaced an hour ago. */
const age = (path: string) => utimesSync(path, new Date(), new Date(Date.now() - 3_600_000));

async function startWaiting(root: string) {
  const child = spawn(process.execPath, ['dist/harness/cli/main.js', 'wait'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    async finish(): Promise<string> {
      const closed = once(child, 'close');
      child.stdin.write('\n');
      const [word] = await once(child.stdout, 'data');
      await closed;
      return String(word).trim();
    },
  };
}

test('a program keeps its modules through two rebuilds, and its folder goes when it has ended', async () => {
  const root = checkout('kept');
  build(root);
  const first = readlinkSync(join(root, 'dist'));
  const program = await startWaiting(root);
  writeWord(root, 'new');
  build(root);
  age(join(root, first));
  build(root, '--force');
  assert.ok(buildsIn(root).includes(first), 'it is in use');
  assert.equal(await program.finish(), 'old');
  const second = await startWaiting(root);
  assert.equal(await second.finish(), 'new');
  age(join(root, first));
  build(root);
  assert.ok(!buildsIn(root).includes(first), 'nobody uses it');
});

test('four programs that start while a source is newer all work, and one build is made', async () => {
  const root = checkout('four');
  build(root);
  writeWord(root, 'new');
  const line =
    'for i in 1 2 3 4; do npm run -s pollcost -- list claims & pids="$pids $!"; done; for p in $pids; do wait $p || echo failed; done';
  const { stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: root, encoding: 'utf8' });
  assert.equal(stdout, 'first\n'.repeat(4), stderr);
  const most = hasFlock ? 2 : 5;
  assert.ok(buildsIn(root).length <= most, buildsIn(root).join(' '));
});

test('builds at once, and killed ones, leave nothing in the way', async () => {
  const root = checkout('at-once');
  const script = join(root, 'scripts/build.sh');
  const builds = [1, 2, 3].map(() => spawn('sh', [script, '--force'], { detached: true, stdio: 'ignore' }));
  const ended = builds.map((child) => once(child, 'exit'));
  while (!buildsIn(root).some((name) => name.startsWith('dist.part.'))) await new Promise(setImmediate);
  const [killed] = builds;
  process.kill(-(killed?.pid ?? 0), 'SIGKILL');
  await Promise.all(ended);
  build(root, '--force');
  assert.ok(lstatSync(join(root, 'dist')).isSymbolicLink());
  assert.deepEqual(
    readdirSync(join(root, 'dist')).filter((name) => name.startsWith('dist')),
    [],
  );
  if (hasFlock) {
    assert.deepEqual(
      buildsIn(root).filter((name) => name.startsWith('dist.part.')),
      [],
    );
  }
});

test('a dist that is a folder, as older builds left it, is replaced', () => {
  const root = checkout('folder');
  mkdirSync(join(root, 'dist/dist.AbCdEf'), { recursive: true });
  build(root);
  assert.ok(lstatSync(join(root, 'dist')).isSymbolicLink());
  assert.ok(!existsSync(join(root, 'dist/dist.AbCdEf')));
});

test('a source that does not compile keeps the last build', () => {
  const root = checkout('broken');
  build(root);
  const before = readlinkSync(join(root, 'dist'));
  writeFileSync(join(root, 'harness/cli/later.ts'), 'export const word: number = "text";');
  const { status } = spawnSync('sh', ['scripts/build.sh'], { cwd: root });
  assert.notEqual(status, 0);
  assert.deepEqual(buildsIn(root), [before]);
  assert.equal(readlinkSync(join(root, 'dist')), before);
});

test('npm builds and packs the program without tests and tools, with types, and leaves a build behind that runs', () => {
  const root = checkout('packed');
  const { stdout, stderr } = spawnSync('npm', ['pack', '--dry-run', '--json'], {
    cwd: root,
    encoding: 'utf8',
  });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string; mode: number }[] }];
  const packed = files.map(({ path }) => path).sort();
  assert.deepEqual(
    packed,
    [
      'dist/harness/cli/begin.js',
      'dist/harness/cli/later.js',
      'dist/harness/cli/main.js',
      'dist/harness/cli/standard-streams.js',
      'dist/harness/index.d.ts',
      'dist/harness/index.js',
      'dist/harness/results/index.d.ts',
      'dist/harness/results/index.js',
      'dist/harness/results/shown-controls.js',
      'dist/pollers/poller.d.ts',
      'dist/pollers/poller.js',
      'package.json',
    ],
    stderr,
  );
  assert.ok(lstatSync(join(root, 'dist')).isSymbolicLink());
});

test('npm packs nothing where there is no compiler, although an earlier build is there', () => {
  const root = checkout('no-compiler');
  build(root);
  rmSync(join(root, 'node_modules'));
  const { status, stderr } = spawnSync('npm', ['pack', '--dry-run'], { cwd: root, encoding: 'utf8' });
  assert.notEqual(status, 0);
  assert.match(stderr, /the compiler is missing; run 'npm ci' first/);
});

test('npm packs a git dependency by prepare, which builds nothing after npm ci', () => {
  const root = checkout('prepared');
  const prepare = (env: NodeJS.ProcessEnv) => {
    const { status, stderr } = spawnSync('npm', ['run', 'prepare'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, npm_package_resolved: '', ...env },
    });
    assert.equal(status, 0, stderr);
  };
  prepare({});
  assert.ok(!existsSync(join(root, 'dist')));
  prepare({ npm_package_resolved: root });
  assert.ok(lstatSync(join(root, 'dist')).isDirectory() && existsSync(join(root, 'dist/harness/index.d.ts')));
});

test('npm scripts end in exec, so that signals reach the program', () => {
  const { scripts } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const programs = Object.entries(scripts).filter(([, script]) => script.includes('node dist/'));
  assert.ok(programs.length > 5);
  for (const [name, script] of programs) assert.match(script, /&& exec node dist\/\S+( bench)?$/, name);
});

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readRun } from '../harness/results/run-folder.js';

/**
 * What it takes to add a poller (its file, its test of two lines, one entry) and an experiment that an existing workload can
 * do (its file, one line), done in a copy of the sources.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = [
  'pollers',
  'harness',
  'reports',
  'scripts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

const FILE = `import { pollCall } from './libc/polling.js';
import { PollfdPoller } from './pollfds.js';

export class TwicePoller extends PollfdPoller {
  constructor() {
    super('poll-twice', { blocks: true, call: 'poll' });
  }

  protected override ask(pollfds: number, count: number, timeoutMs: number): number {
    const answered = pollCall(pollfds, count, 0);
    return answered === 0 ? pollCall(pollfds, count, timeoutMs) : answered;
  }
}
`;

const TEST = `import { testContract } from './contract/suite.js';
testContract('poll-twice');
`;

const ENTRY = `  'poll-twice': {
    line: 'poll(2), at first without waiting',
    systems: ['linux'],
    call: 'poll',
    isUsual: false,
    look: { light: '#123456', dark: '#abcdef', shape: 'M0,0H1V1Z', layer: 6 },
    load: async () => {
      const { TwicePoller } = await import('./poll-twice.js');
      return () => new TwicePoller();
    },
  },
};

export const pollerNames`;

const EXPERIMENT = `import { openTurnSession, planTurns, type TurnExperiment } from './turn-experiment.js';

export const unixIdle: TurnExperiment = {
  id: 'unix-idle',
  question: 'what does a turn over a few idle unix sockets cost?',
  plan: (context) =>
    planTurns(
      {
        id: 'unix-idle',
        points: [1, 8].map((watched) => ({
          watched,
          ready: 0,
          position: 'none',
          timeout: 'zero',
          wakesPerSecond: 0,
          fileTable: context.probe.fileTable,
          socket: 'unix',
        })),
        factors: ['watched', 'socket'],
        launches: 1,
        rounds: 2,
        warnings: [],
      },
      context,
    ),
  open: openTurnSession,
};
`;

const tree = mkdtempSync(join(tmpdir(), 'pollcost-tree-'));
after(() => rmSync(tree, { recursive: true, force: true }));

// Within a test Node runs no other tests.
const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
// Nobody looks at the C twin, which each bench would compile.
const env = { ...inherited, CC: 'none' };
const run = (...args: string[]) =>
  spawnSync(process.execPath, args, { cwd: tree, env, encoding: 'utf8', timeout: 300_000 });
const pollcost = (...args: string[]) => run('dist/harness/cli/main.js', ...args);

/** Its file, and its line in the registry, which an editor imports for. */
function addExperiment(): void {
  writeFileSync(join(tree, 'harness/experiments/unix-idle.ts'), EXPERIMENT);
  const registry = join(tree, 'harness/experiments/registry.ts');
  const before = readFileSync(registry, 'utf8');
  const added = before.replace('  watchedFds,\n', '  watchedFds,\n  unixIdle,\n');
  assert.notEqual(added, before);
  writeFileSync(registry, `import { unixIdle } from './unix-idle.js';\n${added}`);
}

test('a poller is added by its file, a test of two lines and one entry, and is then in everything', (t) => {
  if (!existsSync(join(ROOT, 'tsconfig.json'))) return t.skip('there are no sources here');
  for (const source of SOURCES) cpSync(join(ROOT, source), join(tree, source), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  writeFileSync(join(tree, 'pollers/poll-twice.ts'), FILE);
  writeFileSync(join(tree, 'pollers/poll-twice.test.ts'), TEST);
  const manifest = join(tree, 'pollers/manifest.ts');
  const before = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, before.replace('};\n\nexport const pollerNames', ENTRY));
  addExperiment();
  execFileSync('sh', ['scripts/build.sh', '--force'], { cwd: tree, stdio: 'pipe' });

  assert.match(pollcost('list', 'pollers').stdout, /^poll-twice +poll\(2\), at first without waiting$/m);

  const tested = run('--test', 'dist/pollers/poll-twice.test.js');
  assert.equal(tested.status, 0, tested.stdout);
  assert.match(tested.stdout, /P1 poll-twice: /);

  writeFileSync(
    join(tree, 'own.js'),
    `import { createPoller } from './dist/pollers/loaded.js';\nexport default (options) => createPoller('poll-twice', options);\n`,
  );
  const checked = pollcost('check', 'own.js');
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);

  const options = ['--experiments', 'watched-fds,memory', '--connections', '1,10', '--launches', '1'];
  const bench = pollcost('bench', '--pollers', 'epoll,poll-twice', ...options, '--no-report', '--out', 'run');
  assert.equal(bench.status, 0, bench.stderr);
  const cells = readRun(join(tree, 'run')).cells.filter(({ poller }) => poller === 'poll-twice');
  for (const experiment of ['watched-fds', 'memory'])
    assert.ok(
      cells.some((cell) => cell.experiment === experiment && cell.status === 'measured'),
      experiment,
    );

  assert.equal(pollcost('report', 'run').status, 0);
  assert.match(readFileSync(join(tree, 'run/report/report.css'), 'utf8'), /--p-poll-twice:#123456/);
  return undefined;
});

test('an experiment that an existing workload can do is added by its file and one line, and is then in everything', (t) => {
  if (!existsSync(join(ROOT, 'tsconfig.json'))) return t.skip('there are no sources here');
  assert.match(pollcost('list', 'experiments').stdout, /^unix-idle +what does a turn over a few idle/m);
  const options = ['--experiments', 'unix-idle', '--pollers', 'select,poll-twice', '--out', 'experiment'];
  const bench = pollcost('bench', ...options);
  assert.equal(bench.status, 0, bench.stderr);
  const ids = readRun(join(tree, 'experiment'))
    .cells.filter(({ series, status }) => series === 'pollcost' && status === 'measured')
    .map(({ id }) => id);
  assert.deepEqual(
    ids.sort(),
    [1, 8]
      .flatMap((watched) =>
        ['poll-twice', 'select'].map(
          (poller) => `unix-idle/${poller}/pollcost/watched=${watched},socket=unix`,
        ),
      )
      .sort(),
  );
  assert.match(readFileSync(join(tree, 'experiment/report/index.html'), 'utf8'), /unix-idle/);
  return undefined;
});

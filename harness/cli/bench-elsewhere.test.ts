import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Diagnosis } from '../doctor/diagnosis.js';
import { readRun, readSamples } from '../results/run-folder.js';
import { WITHOUT_TWIN } from './testing/without-twin.js';

/**
 * bench and doctor where there is no Linux, over a shim of ours: macOS's numbers and layouts on Linux's calls, and neither /proc nor
 * /sys. It shows that nothing of Linux is loaded there, and that a run comes to its end; not what macOS makes of it.
 */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const testing = (name: string) => new URL(`../../pollers/testing/${name}`, import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'pollcost-mac-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const SHIM = join(folder, 'bsd-shim.so');
const built = spawnSync(
  'cc',
  [
    ...['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-DKEVENT_BYTES=32'],
    ...['-o', SHIM, fileURLToPath(testing('bsd-shim.c'))],
  ],
  { encoding: 'utf8' },
);
const skip =
  process.platform !== 'linux'
    ? 'the shim stands on Linux'
    : built.error && `no C compiler: ${built.error.message}`;

const onAMac = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    cwd: folder,
    timeout: 240_000,
    env: {
      ...process.env,
      ...WITHOUT_TWIN,
      POLLCOST_BSD_SHIM: SHIM,
      NODE_OPTIONS: `--no-warnings --import=${testing('on-a-mac.js').href}`,
    },
  });

test('on macOS bench measures turns of select, poll and kqueue, and says why it skips the rest', {
  skip,
}, () => {
  assert.equal(built.status, 0, built.stderr);
  const out = join(folder, 'run');
  const { status, stderr } = onAMac(
    ...['bench', '--experiments', 'limits,watched-fds,memory,churn,idle'],
    ...['--connections', '1', '--launches', '1', '--seed', '1', '--out', out],
  );
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /loaded .*libc/);

  const run = readRun(out);
  assert.equal(run.status, 'completed');
  const outcomes = Object.fromEntries(
    run.experiments.map((experiment) => [experiment.id, experiment.status]),
  );
  assert.deepEqual(outcomes, {
    ...{ limits: 'completed', 'watched-fds': 'completed' },
    ...{ memory: 'skipped', churn: 'skipped', idle: 'skipped' },
  });
  for (const experiment of run.experiments.filter(({ status }) => status === 'skipped'))
    assert.match(('reason' in experiment && experiment.reason) || '', /^it needs Linux and this is darwin: /);

  assert.deepEqual([...new Set(run.cells.map(({ poller }) => poller))].sort(), ['kqueue', 'poll', 'select']);
  for (const poller of ['select', 'poll', 'kqueue']) {
    const measured = run.cells.filter((cell) => cell.poller === poller && cell.status === 'measured');
    const [turn] = measured.filter(({ experiment }) => experiment === 'watched-fds');
    assert.ok(turn?.status === 'measured' && (turn.metrics.cpuNsPerTurn?.value ?? 0) > 0, poller);
    assert.ok(
      measured.some(({ factors }) => factors.timeout === 'slept'),
      `${poller} was woken`,
    );
  }
  assert.ok(run.claims.length > 0);
  for (const claim of run.claims) assert.equal(claim.verdict, 'undecided', claim.id);
  assert.deepEqual(
    run.warnings
      .filter(({ code }) => code === 'not-linux')
      .map(({ message }) => /this is darwin/.test(message)),
    [true],
  );
  assert.ok(readSamples(out).lines.length > 1);
  assert.ok(existsSync(join(out, 'report', 'index.html')));
  assert.equal(onAMac('report', out).status, 0);
});

test('on macOS doctor tries the turn probe, and says what needs Linux', { skip }, () => {
  const { stdout, stderr } = onAMac('doctor', '--speeds', '0.1', '--json');
  assert.doesNotMatch(stderr, /loaded .*libc/);
  const found = JSON.parse(stdout) as Diagnosis[];
  const by = new Map(found.map((diagnosis) => [diagnosis.id, diagnosis]));
  assert.equal(by.get('turn-probe')?.state, 'fine', by.get('turn-probe')?.finding);
  assert.match(by.get('system')?.finding ?? '', /^darwin .*kqueue/);
  assert.match(
    by.get('system')?.consequence ?? '',
    /memory, churn, cascade, rearm, accept-herd, idle, server: skipped/,
  );
});

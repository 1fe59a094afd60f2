import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** `predict` on a run that was really measured, and on what it cannot answer. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-predict-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const pollcost = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, encoding: 'utf8', timeout: 120_000 });

const predict = (...args: string[]) => pollcost('predict', '--poller', 'poll', ...args);

const refused = ({ status, stdout, stderr }: ReturnType<typeof pollcost>, message: RegExp) => {
  assert.match(stderr, message);
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  assert.equal(stdout, '');
  assert.equal(status, 2);
};

test('predict says first what a turn costs with its interval, then what that is paid for and how far to trust it', () => {
  const run = join(folder, 'run');
  const bench = pollcost(
    ...['bench', '--experiments', 'watched-fds', '--pollers', 'poll', '--out', run, '--seed', '1'],
    ...['--launches', '1', '--no-report'],
    ...['--connections', '1,5,10,20,50,100,200,400,1000,3000'],
  );
  assert.equal(bench.status, 0, bench.stderr);
  const { status, stdout } = predict('--watched', '300', '--ready', '0', '--timeout', 'zero', '--run', run);
  assert.equal(status, 0);
  const [first = '', second = '', ...others] = stdout.split('\n');
  const [, value, low, high] = /^(\d+) ns \[(\d+), (\d+)\]$/.exec(first)?.map(Number) ?? [];
  assert.ok(value && low !== undefined && high && low <= value && value <= high, first);
  assert.match(second, /^one turn of poll: 300 watched, 0 ready, zero timeout$/);
  assert.match(others.join('\n'), /^paid for: each watched fd \d+ ns/m);
  assert.match(others.join('\n'), /^model of run \d{8}T\d{6}Z-[0-9a-f]{4}: (accepted|refused)/m);

  const asJson = JSON.parse(
    predict('--watched', '3000', '--ready', '0', '--timeout', 'zero', '--run', run, '--json').stdout,
  );
  assert.equal(asJson.poller, 'poll');
  assert.ok(asJson.extrapolated, 'beyond the 1 000 fds of the model');

  refused(
    pollcost('predict', '--poller', 'epoll', '--watched', '3', '--ready', '1', '--run', run),
    /too few cells for a model of epoll; run 'npm run bench -- /,
  );
});

test('what predict cannot answer is refused in one line', () => {
  refused(predict('--watched', '10', '--ready', '11'), /--ready 11 is more than --watched 10/);
  refused(predict('--watched', '10', '--ready', '1', '--timeout', 'never'), /unknown timeout 'never'/);
  refused(predict('--watched', '10', '--ready', '0', '--timeout', 'slept'), /needs --ready 1 or more/);
  refused(predict('--watched', '10', '--ready', '1', '--run', 'nowhere'), /nowhere: holds no run/);
  refused(predict('--watched', '0', '--ready', '0'), /from 1 on; 0 is below/);
});

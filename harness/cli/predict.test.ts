import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  const lines = stdout.split('\n');
  // So few and short rounds may make a model that is refused, and says so first.
  if (/^refused/.test(lines[0] ?? '')) lines.shift();
  const [first = '', second = '', ...others] = lines;
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

  const planted = (name: string, costOf: (watched: number) => number) => {
    const changed = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8'));
    for (const cell of changed.cells) {
      const cost = costOf(Number(cell.factors.watched));
      const figure = cell.metrics.cpuNsPerTurn;
      if (figure) cell.metrics.cpuNsPerTurn = { ...figure, value: cost, low: cost, high: cost };
    }
    const to = join(folder, name);
    mkdirSync(to);
    writeFileSync(join(to, 'run.json'), JSON.stringify(changed));
    return to;
  };
  const ask = ['--watched', '300', '--ready', '0', '--timeout', 'zero', '--run'];
  const straight = predict(
    ...ask,
    planted('straight', (watched) => 200 + 40 * watched),
  );
  assert.match(straight.stdout, /^12\d{3} ns \[/);
  assert.match(straight.stdout, /: accepted; on what was held out \(N = /);
  assert.doesNotMatch(straight.stdout, /extrapolated/);
  const bent = planted('bent', (watched) => 200 + 40 * watched * (watched % 100 === 0 ? 3 : 1));
  const inLines = predict(...ask, bent).stdout.split('\n');
  assert.match(
    inLines[0] ?? '',
    /^refused, do not rely on it: the model of poll missed what was held out by [\d.]+ %/,
  );
  assert.match(inLines[1] ?? '', /^\d+ ns \[/);
  const json = predict(...ask, bent, '--json').stdout;
  assert.match(json, /^\{\s*"accepted": false,/);

  refused(
    pollcost('predict', '--poller', 'epoll', '--watched', '3', '--ready', '1', '--run', run),
    /too few cells for a model of epoll; run 'npm run bench -- /,
  );
});

test('what predict cannot answer is refused in one line', () => {
  refused(predict('--watched', '10', '--ready', '11'), /--ready 11 is more than --watched 10/);
  refused(predict('--watched', '10', '--ready', '1', '--timeout', 'never'), /unknown timeout 'never'/);
  refused(predict('--watched', '10', '--ready', '0', '--timeout', 'slept'), /needs --ready 1 or more/);
  refused(predict('--watched', '10', '--ready', '1', '--wakes', '50'), /--wakes goes with --timeout slept/);
  refused(predict('--watched', '10', '--ready', '1', '--run', 'nowhere'), /nowhere: holds no run/);
  refused(predict('--watched', '0', '--ready', '0'), /from 1 on; 0 is below/);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { defectsOf, idleFor, soak } from './soak/soak.js';

const SCRIPT = fileURLToPath(new URL('./soak.js', import.meta.url));

for (const [poller, app] of [
  ['select', 'fixed'],
  ['epoll-et', 'echo'],
  ['epoll-oneshot', 'http'],
  ['io_uring', 'echo'],
] as const) {
  test(`a short soak of ${app} on ${poller}: every byte right, nothing left behind, no spin`, async () => {
    const plan = { pollers: [poller], apps: [app], connections: 200, seconds: 3, seed: 3 };
    const [result] = await soak(plan, () => {});
    assert.ok(result);
    assert.deepEqual(result.broken, []);
    const { connections, idleWakeUps, report } = result;
    assert.equal(connections, 200);
    assert.equal(idleWakeUps, 0);
    const { errors, reasons, ...counts } = report;
    assert.equal(errors, 0);
    for (const [what, count] of Object.entries(counts)) assert.ok(count > 0, `no ${what}`);
  });
}

test('fds and memory that stay behind are found', () => {
  const rest = (fds: number, mib: number) => ({ fds, residentBytes: mib * 2 ** 20 });
  assert.deepEqual(defectsOf(20, [rest(20, 50), rest(20, 70), rest(20, 85)]), []);
  assert.deepEqual(defectsOf(20, [rest(20, 50), rest(21, 70), rest(20, 87)]), [
    '21 fds open after everybody left, 20 before they came',
    'the last storm left 17 MiB more than the one before',
  ]);
});

test('a process that works while nobody asks is found', async () => {
  const busy = idleFor(100, process.pid);
  const untilMs = Date.now() + 50;
  while (Date.now() < untilMs);
  const { count, cpuNs } = await busy;
  assert.ok(count > 0 && cpuNs > 1_000_000, `${count} switches, ${cpuNs} ns`);
});

for (const [args, message] of [
  [['--seconds', '0'], /^soak: --seconds takes numbers from 1 on; 0 is below$/],
  [['--pollers', 'epol'], /^soak: unknown poller 'epol'; did you mean 'epoll'\?$/],
  [['--second', '1'], /^soak: Unknown option '--second'/],
] as const) {
  test(`soak ${args.join(' ')} is refused in one line`, () => {
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });
    assert.match(stderr.trimEnd(), message);
    assert.equal(status, 2);
  });
}

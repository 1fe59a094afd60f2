import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { manifest, reasonNotOn } from '../pollers/manifest.js';

const SCRIPT = fileURLToPath(new URL('./registrations.js', import.meta.url));
const here = Object.entries(manifest).flatMap(([name, entry]) =>
  reasonNotOn(entry, process.platform) === undefined ? [name] : [],
);

const run = (...args: string[]) => spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });

test('20 000 registrations and cancellations leave nothing behind, on every poller', () => {
  const { status, stdout, stderr } = run('--count', '20000', '--pollers', here.join(','));
  assert.equal(status, 0, stdout + stderr);
  for (const name of here) assert.match(stdout, new RegExp(`${name}\\s.*20000\\s.*MiB\\s.*nothing`));
});

for (const [args, message] of [
  [['--count', '0'], /^registrations: --count takes numbers from 1 on; 0 is below$/],
  [['--pollers', 'epol'], /^registrations: unknown poller 'epol'; did you mean 'epoll'\?$/],
  [['--cuont', '1'], /^registrations: Unknown option '--cuont'/],
] as const) {
  test(`registrations ${args.join(' ')} is refused in one line`, () => {
    const { status, stderr } = run(...args);
    assert.match(stderr.trimEnd(), message);
    assert.equal(status, 2);
  });
}

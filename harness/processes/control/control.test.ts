import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isAlive, untilGone } from '../../testing/processes.js';
import { ChildFailure, killAllChildren, startProbe } from './parent.js';

const started = async () => {
  const probe = startProbe();
  await probe.request('start', { cpu: null, fileTable: 'private', twin: false }, 20_000);
  return probe;
};

test('a child that is killed rejects what it was asked, with the signal', async () => {
  const probe = await started();
  await probe.request('listenForPinger', {}, 5000);
  const asked = probe.request('acceptPinger', {}, 5000);
  const rejected = assert.rejects(asked, /turn probe: ended with SIGKILL/);
  probe.kill();
  await rejected;
  await assert.rejects(probe.request('listenForPinger', {}, 5000), ChildFailure);
  await untilGone(probe.pid);
});

test('a child that misses its deadline is killed', async () => {
  const probe = await started();
  await probe.request('listenForPinger', {}, 5000);
  await assert.rejects(probe.request('acceptPinger', {}, 100), /did not answer 'acceptPinger' within 0\.1 s/);
  await untilGone(probe.pid);
});

test('a child that refuses goes on', async () => {
  const probe = await started();
  await assert.rejects(probe.request('acceptPinger', {}, 5000), /turn probe: no listener for the pinger/);
  assert.ok((await probe.request('listenForPinger', {}, 5000)).port > 0);
  await probe.end();
});

test('a child ends when its parent hangs up, and ignores an interrupt', async () => {
  const probe = await started();
  process.kill(probe.pid, 'SIGINT');
  assert.ok((await probe.request('listenForPinger', {}, 5000)).port > 0);
  await probe.end();
  await untilGone(probe.pid);
});

test('all children can be killed at once', async () => {
  const probes = await Promise.all([started(), started()]);
  killAllChildren();
  await untilGone(...probes.map(({ pid }) => pid));
});

test('a child dies with a parent that is killed', async () => {
  const module = fileURLToPath(new URL('./parent.js', import.meta.url));
  const script =
    `import { startProbe } from '${module}'; const probe = startProbe();` +
    "await probe.request('start', { cpu: null, fileTable: 'private', twin: false }, 20000);" +
    'console.log(probe.pid); setInterval(() => {}, 1000);';
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [chunk] = await new Promise<[Buffer]>((resolve) =>
    parent.stdout.once('data', (data) => resolve([data])),
  );
  const pid = Number(chunk.toString());
  assert.ok(isAlive(pid));
  parent.kill('SIGKILL');
  await untilGone(pid);
});

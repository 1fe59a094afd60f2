import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { allowedCpus } from '../collectors/environment.js';
import { startHerd, startServer } from '../processes/control/parent.js';
import { stepAside } from './aside.js';

test('the harness and what it starts keep off the subject’s CPU for as long as it asks', (t) => {
  const before = allowedCpus();
  const [load, subject] = [before[0], before.at(-1)];
  if (load === undefined || subject === undefined || load === subject)
    return void t.skip('this machine allows one CPU only');
  if (spawnSync('taskset', ['--version']).error) return void t.skip('there is no taskset here');
  const comeBack = stepAside({ load, subject });
  const meanwhile = allowedCpus();
  const child = spawnSync('grep', ['Cpus_allowed_list', '/proc/self/status'], { encoding: 'utf8' }).stdout;
  comeBack();
  assert.ok(!meanwhile.includes(subject) && meanwhile.includes(load), String(meanwhile));
  assert.ok(child.includes(String(load)), child);
  assert.deepEqual(allowedCpus(), before);
});

test('a subject keeps its main thread where it is, its helpers and other children come along', async (t) => {
  const before = allowedCpus();
  const [load, subject] = [before[0], before.at(-1)];
  if (load === undefined || subject === undefined || load === subject)
    return void t.skip('this machine allows one CPU only');
  if (spawnSync('taskset', ['--version']).error) return void t.skip('there is no taskset here');
  const [server, herd] = [startServer(), startHerd()];
  t.after(() => Promise.all([server.end(), herd.end()]));
  const ask = { poller: 'epoll', app: 'fixed', host: '127.0.0.1', port: 0, fileTable: 'private' } as const;
  await server.request('start', { ...ask, cpu: subject }, 20_000);
  stepAside({ load, subject }, { subjects: [server.pid], others: [herd.pid] })();
  const cpusOf = (pid: number, thread: number | string) =>
    /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'))?.[1];
  assert.equal(cpusOf(server.pid, server.pid), String(subject));
  const helpers = readdirSync(`/proc/${server.pid}/task`).filter((thread) => thread !== String(server.pid));
  assert.ok(helpers.length > 0);
  const elsewhere = cpusOf(herd.pid, herd.pid);
  assert.notEqual(elsewhere, String(subject));
  for (const thread of helpers) assert.equal(cpusOf(server.pid, thread), elsewhere);
});

test('with one CPU there is nowhere to step to', () => {
  const before = allowedCpus();
  stepAside(null)();
  assert.deepEqual(allowedCpus(), before);
});

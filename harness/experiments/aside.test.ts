import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { allowedCpus } from '../collectors/environment.js';
import { stepAside } from './aside.js';
import { SpeedSampler } from './speed-sampler.js';

test('the harness, and what it starts then, keep off the subject’s CPU for as long as it asks', (t) => {
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

test('helper threads of children keep off the subject’s CPU, and their first threads stay where they are', async (t) => {
  const [load, subject] = [allowedCpus()[0], allowedCpus().at(-1)];
  if (load === undefined || subject === undefined || load === subject)
    return void t.skip('this machine allows one CPU only');
  if (spawnSync('taskset', ['--version']).error) return void t.skip('there is no taskset here');
  const sampler = new SpeedSampler();
  t.after(() => sampler.end());
  await sampler.start(subject);
  stepAside({ load, subject }, [sampler.pid, 2 ** 22 + 1])();
  const cpusOf = (thread: string) =>
    /^Cpus_allowed_list:\s*(\S+)/m.exec(
      readFileSync(`/proc/${sampler.pid}/task/${thread}/status`, 'utf8'),
    )?.[1];
  const threads = readdirSync(`/proc/${sampler.pid}/task`);
  assert.ok(threads.length > 1);
  const others = allowedCpus().filter((cpu) => cpu !== subject);
  for (const thread of threads) {
    if (Number(thread) === sampler.pid) assert.equal(cpusOf(thread), String(subject));
    else if (others.length === 1) assert.equal(cpusOf(thread), String(load));
    else assert.notEqual(cpusOf(thread), String(subject));
  }
});

test('with one CPU there is nowhere to step to', () => {
  const before = allowedCpus();
  stepAside(null)();
  assert.deepEqual(allowedCpus(), before);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { allowedCpus } from '../collectors/environment.js';
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

test('with one CPU there is nowhere to step to', () => {
  const before = allowedCpus();
  stepAside(null)();
  assert.deepEqual(allowedCpus(), before);
});

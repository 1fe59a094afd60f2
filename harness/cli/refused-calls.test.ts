import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { allowedCpus } from '../collectors/environment.js';
import type { Diagnosis } from '../doctor/diagnosis.js';
import { readRun } from '../results/run-folder.js';
import { withoutCall } from './testing/preload.js';
import { WITHOUT_TWIN } from './testing/without-twin.js';

/** Calls that a run can do without, refused with any errno: it goes on, and says so. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-refused-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const pollcost = (args: readonly string[], env: NodeJS.ProcessEnv) =>
  spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, ...WITHOUT_TWIN, ...env },
  });

const SERVERS =
  '--experiments idle,server --pollers epoll --connections 10 --launches 1 --seed 1 --no-report'.split(' ');
const alone = allowedCpus().length < 2;

for (const errno of ['EPERM', 'ENOSYS']) {
  test(`where sched_setscheduler answers ${errno} doctor says what that makes weaker`, (t) => {
    const env = withoutCall(folder, 'sched_setscheduler', errno);
    if (!env) return void t.skip('there is no C compiler to make the refusal with');
    const { status, stdout, stderr } = pollcost(['doctor', '--json', '--speeds', '0.1'], env);
    assert.equal(status, 0, stderr);
    const found = (JSON.parse(stdout) as Diagnosis[]).find(({ id }) => id === 'realtime');
    assert.equal(found?.state, 'limited');
    assert.match(found.finding, new RegExp(`sched_setscheduler: ${errno}`));
  });
}

test('where sched_setscheduler answers ENOSYS servers are measured all the same, and the run says so', (t) => {
  const env = withoutCall(folder, 'sched_setscheduler', 'ENOSYS');
  if (!env) return void t.skip('there is no C compiler to make the refusal with');
  if (alone) return void t.skip('with one CPU nobody asks for it');
  const out = join(folder, 'no-scheduler');
  const { status, stderr } = pollcost(['bench', ...SERVERS, '--out', out], env);
  assert.equal(status, 0, stderr);
  const { environment, experiments, warnings } = readRun(out);
  assert.equal(environment.realtime, false);
  assert.deepEqual(
    experiments.map((experiment) => experiment.status),
    ['completed', 'completed'],
  );
  const { message = '' } = warnings.find(({ code }) => code === 'no-realtime') ?? {};
  assert.match(message, /sched_setscheduler: ENOSYS/);
});

test('where sched_setaffinity answers ENOSYS nothing is pinned, servers and their load neither', (t) => {
  const env = withoutCall(folder, 'sched_setaffinity', 'ENOSYS');
  if (!env) return void t.skip('there is no C compiler to make the refusal with');
  if (alone) return void t.skip('with one CPU nobody asks for it');
  const out = join(folder, 'no-affinity');
  const args =
    '--experiments watched-fds,churn,idle --pollers epoll --connections 10 --launches 1 --seed 1 --no-report'.split(
      ' ',
    );
  const { status, stderr } = pollcost(['bench', ...args, '--out', out], env);
  assert.equal(status, 0, stderr);
  const { environment, experiments, warnings } = readRun(out);
  assert.equal(environment.pinnedTo, null);
  assert.ok(experiments.every((experiment) => experiment.status === 'completed'));
  const { message = '' } = warnings.find(({ code }) => code === 'not-pinned') ?? {};
  assert.match(message, /sched_setaffinity: ENOSYS/);
});

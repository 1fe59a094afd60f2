import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Job } from 'kubernetes-models/batch/v1';
import { parse } from 'yaml';
import { UNSHARE_OPTION } from '../harness/collectors/unshare.js';

/** What lies in docker/, as far as it can be tried without an engine; `npm run container` tries the rest. */

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(CHECKOUT, path), 'utf8');

test("the job has the shape that Kubernetes' schema asks for", () => {
  const job = parse(read('docker/job.yaml'));
  new Job(job).validate();
  job.spec.completions = 'four';
  assert.throws(() => new Job(job).validate(), /completions must be integer/);
});

test("the job's log is a packed run, and that of a bench that fails says why", (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pollcost-job-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [container] = parse(read('docker/job.yaml')).spec.template.spec.containers;
  const [script] = container.args as [string];
  const program =
    '#!/bin/sh\ncase $1 in bench) echo noise; exit "$FAILS";; export) echo "of $2" >"$4";; esac\n';
  writeFileSync(join(folder, 'pollcost'), program, { mode: 0o755 });
  const run = (fails: string) =>
    spawnSync('sh', ['-c', script.replaceAll('/bench', folder)], {
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env.PATH}`, FAILS: fails },
    });
  const log = run('0').stdout;
  assert.equal(Buffer.from(log, 'base64').toString(), `of ${folder}/run\n`);
  assert.deepEqual([run('1').status, run('1').stdout], [1, 'noise\n']);
});

interface Service {
  readonly network_mode: string;
  readonly user: string;
  readonly security_opt?: readonly string[];
  readonly cap_add?: readonly string[];
}

test('the services of the compose file have no network, and only one is root', () => {
  const { services } = parse(read('docker/compose.yaml'), { merge: true }) as {
    services: Record<string, Service>;
  };
  assert.deepEqual(Object.keys(services), ['bench', 'private', 'root']);
  for (const [name, { network_mode, user }] of Object.entries(services)) {
    assert.equal(network_mode, 'none', name);
    assert.equal(user === '0:0', name === 'root', name);
  }
  assert.equal(services.bench?.security_opt, undefined, "it runs under the engine's own filter");
  for (const name of ['private', 'root']) {
    assert.deepEqual(services[name]?.security_opt, ['seccomp:seccomp.json']);
  }
});

test('our filter refuses namespaces, allows io_uring and a private file table, and lies where advice says', () => {
  const path = UNSHARE_OPTION.split('seccomp=')[1] ?? '';
  assert.ok(existsSync(join(CHECKOUT, path)));
  const { defaultAction, syscalls } = JSON.parse(read(path)) as {
    defaultAction: string;
    syscalls: { names: string[]; action: string; args?: { value: number }[] }[];
  };
  assert.equal(defaultAction, 'SCMP_ACT_ALLOW');
  const refused = syscalls.filter(({ action }) => action === 'SCMP_ACT_ERRNO');
  assert.equal(refused.length, syscalls.length);
  const whole = refused.filter(({ args }) => args === undefined).flatMap(({ names }) => names);
  for (const name of ['mount', 'ptrace', 'bpf', 'keyctl', 'kexec_load', 'setns'])
    assert.ok(whole.includes(name), name);
  assert.ok(!whole.some((name) => name.startsWith('io_uring')));
  const flags = refused
    .filter(({ names, args }) => args && names.includes('unshare'))
    .reduce((all, { args = [] }) => all | (args[0]?.value ?? 0), 0);
  const [CLONE_FILES, CLONE_NEWUSER] = [0x400, 0x1000_0000];
  assert.equal(flags & CLONE_FILES, 0);
  assert.equal(flags & CLONE_NEWUSER, CLONE_NEWUSER);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asRoot, install, remedyFor } from '../../collectors/remedies.js';
import type { Experiment } from '../../experiments/experiment.js';
import type { Machine } from '../machine.js';
import { isFine, shortage } from '../testing/findings.js';
import { plantedFacts, plantedMachine } from '../testing/planted-machine.js';
import { architecture } from './architecture.js';
import { bench } from './bench.js';
import { cCompiler } from './c-compiler.js';
import { container as containerCheck } from './container.js';
import { fileTable } from './file-table.js';
import { ioUring } from './io-uring.js';
import { libevent } from './libevent.js';
import { node } from './node.js';
import { tornado, twisted } from './python-servers.js';
import { system } from './system.js';
import { turnProbe } from './turn-probe.js';

/** What the checks of the program find: where it runs, what it starts, and what it is compared with. */

const home = plantedMachine();
const container = plantedMachine({ container: true, root: true, uid: 0 });

test('systems without a poller, and other architectures, skip every experiment; one with pollers what needs Linux', () => {
  const all = home.experiments.map(({ id }) => id);
  const windows = shortage(system.judge('10.0', plantedMachine({ platform: 'win32' })));
  assert.match(windows.finding, /^win32 10\.0/);
  assert.match(windows.consequence, /list and report work here/);
  assert.deepEqual(windows.loses, all);
  const mac = shortage(system.judge('23.1.0', plantedMachine({ platform: 'darwin' })));
  assert.match(mac.finding, /^darwin 23\.1\.0: turns of select, poll, kqueue are measured/);
  const needing = home.experiments.filter(({ needsLinux }) => needsLinux !== undefined).map(({ id }) => id);
  assert.ok(needing.length > 0);
  for (const id of needing) assert.ok(mac.loses?.includes(id) && mac.consequence.includes(id), id);
  assert.deepEqual(shortage(architecture.judge('ia32', home)).loses, all);
  isFine(architecture.judge('arm64', home));
});

test('Node is compared by number, not by text', () => {
  isFine(node.judge('20.11.0', home));
  isFine(node.judge('20.9.0', plantedMachine({ oldestNode: '20.8' })));
  isFine(node.judge('100.0.0', home));
  assert.equal(shortage(node.judge('20.9.1', home)).state, 'missing');
  assert.equal(shortage(node.judge('18.20.0', home)).state, 'missing');
});

test('what does not start gives its reason and what it asks for', () => {
  const koffi = { ok: false, reason: "Cannot find package 'koffi'" } as const;
  const probe = shortage(turnProbe.judge(koffi, home));
  assert.match(probe.finding, /does not start: Cannot find package 'koffi'/);
  assert.equal(probe.command, 'npm ci');
  const program = shortage(bench.judge({ ok: false, reason: 'EMFILE: too many open files' }, home));
  assert.equal(program.command, 'sudo prlimit --pid $$ --nofile=32768:32768');
  assert.equal(remedyFor('EACCES: permission denied, mkdtemp', home), 'export TMPDIR="$HOME"');
  assert.equal(remedyFor('something else', home), null);
});

test('checks that need the probe say nothing without it', () => {
  for (const check of [cCompiler, fileTable]) assert.equal(check.judge(null, home), null);
});

test('without a C compiler the series and the figures are named', () => {
  const facts = {
    ...plantedFacts,
    twin: { ok: false, reason: 'no C compiler: spawnSync cc ENOENT' },
  } as const;
  const found = shortage(cCompiler.judge(facts, home));
  assert.equal(found.state, 'missing');
  assert.match(found.consequence, /watched-fds.*c-twin.*bindingNsPerTurn and netNsPerTurn/);
});

test('a compiler is installed by the package manager that there is, as root', () => {
  assert.equal(install('compiler', home, 'apt-get'), 'sudo apt-get install gcc libc6-dev');
  assert.equal(install('compiler', container, 'apk'), 'apk add gcc musl-dev');
  assert.equal(install('compiler', home, null), null);
  assert.equal(asRoot('x', container), 'x');
});

test('what we are compared with gives its version, or what is left out and how it is installed', () => {
  isFine(tornado.judge({ ok: true, version: '6.2' }, home));
  isFine(libevent.judge({ ok: true, version: '2.1.12-stable' }, home));
  const server = { ...(home.experiments[0] as Experiment), id: 'server' };
  const absent = { ok: false, reason: 'python3-twisted is not installed' } as const;
  const asked = shortage(twisted.judge(absent, plantedMachine({ experiments: [server] })));
  assert.equal(asked.consequence, 'server: without series twisted; npm run bench:peers: without its rows');
  assert.deepEqual([asked.state, asked.loses], ['missing', ['server']]);
  assert.deepEqual(shortage(twisted.judge(absent, plantedMachine({ experiments: [] }))).loses, []);
  assert.match(shortage(libevent.judge({ ok: false, reason: 'none' }, home)).consequence, /libevent/);
  assert.equal(install('twisted', home, 'zypper'), 'sudo zypper install python3-Twisted');
  assert.equal(install('tornado', container, 'apt-get'), 'apt-get install python3-tornado');
});

test('what cannot be looked for is left to the check that says why', () => {
  const noFds = { ok: false, reason: 'python3 cannot import tornado: spawnSync python3 EMFILE' } as const;
  assert.equal(tornado.judge(noFds, home), null);
  assert.equal(libevent.judge(null, home), null);
});

test('a shared file table is a limitation, with the way out of a container', () => {
  const facts = {
    ...plantedFacts,
    unshare: { ok: false, reason: 'unshare: EPERM' },
    fileTable: 'shared',
  } as const;
  const found = shortage(fileTable.judge(facts, container));
  assert.match(found.finding, /unshare: EPERM/);
  assert.match(found.consequence, /30 ns more per fd/);
  assert.equal(found.command, 'docker run --security-opt seccomp=docker/seccomp.json ...');
  assert.equal(shortage(fileTable.judge(facts, home)).command, null);
});

test('a container says what grants what it has, and a filter is told outside of one, too', () => {
  const says = (machine: Machine, runtime: 'Docker' | 'Kubernetes' | null, filtered: boolean) =>
    containerCheck.judge({ runtime, filtered }, machine)?.finding;
  assert.match(
    says(container, 'Docker', true) ?? '',
    /^Docker, with a seccomp filter: .*options of docker run grant$/,
  );
  assert.match(says(container, 'Kubernetes', false) ?? '', /no seccomp filter: .*securityContext grant$/);
  assert.equal(says(home, null, false), 'none');
  assert.equal(says(home, null, true), 'none, but a seccomp filter');
});

test('io_uring that is switched off is switched on by the same setting, and a filter by nothing here', () => {
  isFine(ioUring.judge(plantedFacts, home));
  const without = (reason: string) =>
    shortage(ioUring.judge({ ...plantedFacts, refused: { io_uring: reason } }, container));
  assert.match(
    without('io_uring cannot be used: io_uring_setup: EPERM: kernel.io_uring_disabled is 2; ...').command ??
      '',
    /sysctl -w kernel\.io_uring_disabled=0/,
  );
  assert.equal(without('io_uring cannot be used: io_uring_setup: EPERM: a seccomp filter').command, null);
  const locked = 'io_uring cannot be used: io_uring_setup: ENOMEM: ... the limit on locked memory unless ...';
  assert.equal(without(locked).command, 'ulimit -l 65536');
  assert.equal(ioUring.judge(null, home), null);
});

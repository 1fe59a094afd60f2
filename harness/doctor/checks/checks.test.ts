import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pidsLimit } from '../../collectors/cgroup.js';
import { asRoot, install, raiseFdLimit, remedyFor } from '../../collectors/remedies.js';
import type { Experiment } from '../../experiments/experiment.js';
import type { Finding } from '../check.js';
import type { Machine } from '../machine.js';
import { factsUnder, plantedFacts, plantedMachine } from '../testing/planted-machine.js';
import { architecture } from './architecture.js';
import { bench } from './bench.js';
import { cCompiler } from './c-compiler.js';
import { clockSource } from './clock-source.js';
import { container as containerCheck } from './container.js';
import { cpuQuotaCheck } from './cpu-quota.js';
import { cpus } from './cpus.js';
import { epollWatches } from './epoll-watches.js';
import { fdLimit } from './fd-limit.js';
import { fileTable } from './file-table.js';
import { governor } from './governor.js';
import { ioUring } from './io-uring.js';
import { libevent } from './libevent.js';
import { load } from './load.js';
import { memory } from './memory.js';
import { mitigations } from './mitigations.js';
import { node } from './node.js';
import { ports } from './ports.js';
import { pressure } from './pressure.js';
import { processes } from './processes.js';
import { tornado, twisted } from './python-servers.js';
import { slabinfo } from './slabinfo.js';
import { speeds } from './speeds.js';
import { steal } from './steal.js';
import { system } from './system.js';
import { turnProbe } from './turn-probe.js';
import { virtualization } from './virtualization.js';

const home = plantedMachine();
const container = plantedMachine({ container: true, root: true, uid: 0 });
const withFacts = (facts: Machine['probe'] & { ok: true }, changes: Partial<Machine> = {}) =>
  plantedMachine({ probe: facts, ...changes });

function shortage(found: Finding | null) {
  assert.ok(found && found.state !== 'fine', `a shortage, not ${found?.finding}`);
  return found;
}

const isFine = (found: Finding | null) => assert.equal(found?.state, 'fine', found?.finding);

test('the speeds of a machine are counted, with how often each is seen and what follows', () => {
  const times = (count: number, ns: number): number[] => Array(count).fill(ns);
  const judge = (alone: number[], besideBusy: number[] | null = alone) =>
    speeds.judge({ ok: true, alone, besideBusy }, home);
  const calm = judge(times(100, 3.2));
  isFine(calm);
  assert.equal(calm?.finding, 'one speed, 100 % of the time; subject and load have a core each');
  const busy = shortage(judge([...times(60, 3.2), ...times(40, 5.76)], null));
  assert.equal(busy.finding, '2 speeds: full speed 60 % of the time, 1.8 times slower 40 % of the time');
  assert.match(busy.consequence, /neighbours use the core: .* 25 % of its time/);
  assert.doesNotMatch(busy.consequence, /rare/);
  assert.match(shortage(judge([...times(10, 3.2), ...times(90, 5.76)])).consequence, /undecided/);
  const sharing = shortage(judge(times(100, 3.2), times(100, 5.4)));
  assert.match(sharing.finding, /share a core/);
  assert.equal(sharing.consequence, 'server: what its load does slows the server down');
  assert.equal(judge(times(5, 3.2)), null);
  assert.equal(speeds.look(plantedMachine({ speeds: { ok: false, reason: 'no process' } })), null);
});

test('other systems and architectures skip every experiment', () => {
  const all = home.experiments.map(({ id }) => id);
  const mac = shortage(system.judge('23.1.0', plantedMachine({ platform: 'darwin' })));
  assert.match(mac.finding, /^darwin 23\.1\.0/);
  assert.match(mac.consequence, /list and report work here/);
  assert.deepEqual(mac.loses, all);
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

test('the fd limit counts by what the experiments lose', () => {
  const judged = (limit: number) =>
    fdLimit.judge(factsUnder(limit), withFacts({ ok: true, facts: factsUnder(limit) }, { fdLimit: limit }));
  isFine(judged(32000));
  assert.equal(shortage(judged(12000)).state, 'limited');
  const low = shortage(judged(64));
  assert.equal(low.state, 'missing');
  assert.match(low.finding, /^64 fds .*: at most 12 watched sockets/);
});

test('a probe that found no fd left is a matter of the fd limit', () => {
  const probe = { ok: false, reason: 'EMFILE: 26 fds leave too few' } as const;
  const found = shortage(fdLimit.judge(null, plantedMachine({ probe, fdLimit: 26 })));
  assert.match(found.finding, /^26 fds: too few/);
  isFine(fdLimit.judge(null, plantedMachine({ probe: { ok: false, reason: 'no koffi' } })));
});

test('the fd limit is raised by whoever may', () => {
  assert.equal(raiseFdLimit(home), 'sudo prlimit --pid $$ --nofile=32768:32768');
  assert.equal(raiseFdLimit(plantedMachine({ root: true, mayRaiseLimits: true })), 'ulimit -n 32768');
  assert.equal(raiseFdLimit(container), 'docker run --ulimit nofile=32768:32768 ...');
  assert.equal(raiseFdLimit({ ...container, fdLimit: 64 }), 'docker exec -it CONTAINER sh');
  assert.equal(raiseFdLimit(plantedMachine({ root: true })), null);
});

test('slabinfo matters as soon as an experiment reads it', () => {
  isFine(slabinfo.judge({ exists: true, readable: true, charged: false }, home));
  const others = home.experiments.filter(({ id }) => id !== 'memory');
  const closed = { exists: true, readable: false, charged: false };
  isFine(slabinfo.judge(closed, plantedMachine({ experiments: others })));
  const reader = { ...(others[0] as Experiment), id: 'memory' };
  const asked = plantedMachine({ experiments: [...others, reader] });
  const found = shortage(slabinfo.judge(closed, asked));
  assert.deepEqual([found.state, found.loses], ['missing', ['memory']]);
  assert.equal(found.command, 'sudo env "PATH=$PATH" npm run bench');
  assert.equal(
    shortage(slabinfo.judge({ exists: false, readable: false, charged: false }, asked)).command,
    null,
  );
  isFine(slabinfo.judge({ exists: true, readable: false, charged: true }, asked));
});

test('ports, epoll watches and memory are held against the most sockets', () => {
  isFine(ports.judge({ first: 32768, last: 60999 }, home));
  const few = shortage(ports.judge({ first: 60000, last: 60999 }, home));
  assert.match(few.finding, /1000 loopback connections to one port, 9968 are wanted/);
  assert.equal(few.command, 'sudo sysctl -w net.ipv4.ip_local_port_range="32768 60999"');
  isFine(epollWatches.judge(5_000_000, home));
  assert.match(shortage(epollWatches.judge(500, home)).consequence, /ENOSPC/);
  isFine(memory.judge(2 ** 32, home));
  assert.match(shortage(memory.judge(2 ** 28, home)).finding, /^0\.3 GiB available.*9968 pairs/);
});

test('one CPU is a limitation; what widens it depends on who narrowed it', () => {
  const one = (changes: Partial<Machine> = {}) => plantedMachine({ cpus: [0], ...changes });
  const { command } = shortage(cpus.judge({ present: 4, group: null }, one()));
  assert.equal(command, 'taskset -c 0-3 npm run bench');
  const inside = one({ container: true });
  assert.equal(
    shortage(cpus.judge({ present: 4, group: '0' }, inside)).command,
    'docker run --cpuset-cpus=0,1 ...',
  );
  assert.equal(
    shortage(cpus.judge({ present: 4, group: '0-1' }, inside)).command,
    'taskset -c 0-1 npm run bench',
  );
  assert.equal(shortage(cpus.judge({ present: 1, group: null }, one())).command, null);
  isFine(cpus.judge({ present: 2, group: null }, home));
});

test('a subject that cannot be pinned gives the reason', () => {
  const facts = { ...plantedFacts, pinned: { ok: false, reason: 'sched_setaffinity: EPERM' } } as const;
  const found = shortage(cpus.judge({ present: 2, group: null }, withFacts({ ok: true, facts })));
  assert.match(found.finding, /sched_setaffinity: EPERM/);
});

test('a quota limits when it is below the CPUs that are allowed', () => {
  isFine(cpuQuotaCheck.judge(null, home));
  isFine(cpuQuotaCheck.judge(2, home));
  assert.match(shortage(cpuQuotaCheck.judge(1.5, container)).finding, /1\.5 CPUs' time, on 2/);
});

test('load limits by waiting or by CPUs that are not free', () => {
  isFine(load.judge({ average: 0.2, pressure: 0.01 }, home));
  isFine(load.judge({ average: 0.2, pressure: null }, home));
  assert.match(
    shortage(load.judge({ average: 0.2, pressure: 0.25 }, home)).finding,
    /25\.0 % of the last 10 s/,
  );
  shortage(load.judge({ average: 1.2, pressure: 0 }, home));
  isFine(load.judge({ average: 5, pressure: 0 }, plantedMachine({ cpus: [0, 1, 2, 3, 4, 5, 6, 7] })));
  isFine(load.judge({ average: 0.3, pressure: 0 }, plantedMachine({ cpus: [0] })));
});

test('what a kernel does not show is no shortage, except pressure, which flags need', () => {
  for (const check of [governor, steal, virtualization, mitigations, epollWatches, ports, memory])
    isFine(check.judge(null, home));
  isFine(clockSource.judge({ current: null, available: [] }, home));
  assert.equal(shortage(pressure.judge(null, home)).state, 'limited');
});

test('the processor: governor, clock source, steal, mitigations', () => {
  isFine(governor.judge('performance', home));
  assert.equal(
    shortage(governor.judge('powersave', home)).command,
    'sudo cpupower frequency-set -g performance',
  );
  isFine(clockSource.judge({ current: 'kvm-clock', available: [] }, home));
  const slow = shortage(clockSource.judge({ current: 'hpet', available: ['tsc', 'hpet'] }, home));
  assert.match(slow.command ?? '', /^echo tsc \| sudo tee /);
  assert.equal(shortage(clockSource.judge({ current: 'hpet', available: ['hpet'] }, home)).command, null);
  isFine(steal.judge(0.0004, home));
  assert.match(shortage(steal.judge(0.05, home)).finding, /^5\.00 %/);
  const list = [
    'meltdown: Mitigation: PTI',
    'mds: Vulnerable: no microcode',
    'itlb_multihit: KVM: Mitigation: x',
  ];
  assert.match(
    mitigations.judge(list, home)?.finding ?? '',
    /^on for meltdown, itlb_multihit; not, or not wholly, for mds: /,
  );
  assert.match(mitigations.judge([], home)?.finding ?? '', /^none on/);
});

test('few processes and threads are a shortage by how few they are', () => {
  isFine(processes.judge(null, home));
  isFine(processes.judge({ left: 4000, limit: 'pids.max 4096' }, home));
  const few = shortage(processes.judge({ left: 12, limit: 'pids.max 32' }, container));
  assert.equal(few.state, 'missing');
  assert.match(few.finding, /^room for 12 more threads: pids\.max 32/);
  assert.match(few.command ?? '', /--pids-limit/);
  assert.deepEqual(shortage(processes.judge({ left: 100, limit: 'ulimit -u 200' }, home)).loses, ['server']);
});

test('the tightest group, of either version, says how many threads are left', () => {
  const root = mkdtempSync(join(tmpdir(), 'pollcost-pids-'));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  try {
    put('proc/self/cgroup', '8:pids:/outer/inner\n0::/outer/inner\n');
    assert.equal(pidsLimit(root), null);
    put('sys/fs/cgroup/outer/inner/pids.max', 'max\n');
    put('sys/fs/cgroup/outer/inner/pids.current', '20\n');
    assert.equal(pidsLimit(root), null);
    put('sys/fs/cgroup/pids/outer/pids.max', '32\n');
    put('sys/fs/cgroup/pids/outer/pids.current', '20\n');
    assert.deepEqual(pidsLimit(root), { left: 12, limit: 'pids.max 32' });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
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

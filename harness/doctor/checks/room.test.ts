import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pidsLimit } from '../../collectors/cgroup.js';
import { raiseFdLimit } from '../../collectors/remedies.js';
import type { Experiment } from '../../experiments/experiment.js';
import type { Machine } from '../machine.js';
import { isFine, shortage } from '../testing/findings.js';
import { factsUnder, plantedMachine } from '../testing/planted-machine.js';
import { epollWatches } from './epoll-watches.js';
import { fdLimit } from './fd-limit.js';
import { memory } from './memory.js';
import { ports } from './ports.js';
import { processes } from './processes.js';
import { slabinfo } from './slabinfo.js';

/** What the checks of limits find: fds, processes, ports, memory, and what the kernel lets be read. */

const home = plantedMachine();
const container = plantedMachine({ container: true, root: true, uid: 0 });
const withFacts = (facts: Machine['probe'] & { ok: true }, changes: Partial<Machine> = {}) =>
  plantedMachine({ probe: facts, ...changes });

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

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Machine } from '../machine.js';
import { isFine, shortage } from '../testing/findings.js';
import { plantedFacts, plantedMachine } from '../testing/planted-machine.js';
import { clockSource } from './clock-source.js';
import { cpuQuotaCheck } from './cpu-quota.js';
import { cpus } from './cpus.js';
import { epollWatches } from './epoll-watches.js';
import { governor } from './governor.js';
import { load } from './load.js';
import { memory } from './memory.js';
import { mitigations } from './mitigations.js';
import { ports } from './ports.js';
import { pressure } from './pressure.js';
import { speeds } from './speeds.js';
import { steal } from './steal.js';
import { virtualization } from './virtualization.js';

/** What the checks of the processor find: its speeds, how many CPUs, and who else uses them. */

const home = plantedMachine();
const container = plantedMachine({ container: true, root: true, uid: 0 });
const withFacts = (facts: Machine['probe'] & { ok: true }, changes: Partial<Machine> = {}) =>
  plantedMachine({ probe: facts, ...changes });

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
  const few = shortage(judge(times(5, 3.2)));
  assert.match(few.finding, /^5 readings in the time, of 40 that are needed/);
  assert.equal(few.command, 'pollcost doctor --speeds 5');
  assert.equal(speeds.look(plantedMachine({ speeds: { ok: false, reason: 'no process' } })), null);
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

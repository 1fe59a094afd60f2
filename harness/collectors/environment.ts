import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { ProbeFacts } from '../processes/turn-probe/protocol.js';
import type { Environment } from '../results/run-schema.js';
import { numberIn, readText } from './collector.js';
import { pageBytes } from './free-pages.js';
import { gitEnvironment } from './git-environment.js';

/** What the figures depend on and a reader should know; null where it cannot be read. Names no host, user or path. */
export function describeEnvironment(
  probe: ProbeFacts,
  cpus: { readonly subject: number; readonly load: number } | null,
): Environment {
  return {
    kernel: os.release(),
    arch: process.arch,
    cpuModel: os.cpus()[0]?.model.trim() || null,
    cpus: allowedCpus().length,
    pinnedTo: probe.pinned.ok ? probe.pinned.cpu : null,
    virtualization: virtualization(),
    container: inContainer(),
    memoryBytes: os.totalmem(),
    pageBytes: pageBytes(),
    node: process.versions.node,
    v8: process.versions.v8,
    koffi: probe.koffi,
    cc: probe.twin.ok ? probe.twin.compiler : null,
    fdLimitSoft: probe.fdLimit.soft,
    fdLimitHard: probe.fdLimit.hard,
    uid0: process.getuid?.() === 0,
    slabinfo: slabinfoIsReadable(),
    unshare: probe.unshare.ok,
    maxUserWatches: maxUserWatches(),
    governor: governor(),
    clocksource: clocksource(),
    mitigations: mitigations(),
    irqTimeAccounting: irqTimeAccounting(),
    btf: existsSync('/sys/kernel/btf/vmlinux'),
    realtime: probe.realtime.ok,
    highestNice: probe.highestNice.ok,
    shortSlices: probe.shortSlices.ok,
    loadSharesCore: describeLoad(cpus, null),
    ...checkout(),
  };
}

/** The CPUs that this process may run on, in ascending order. */
export function allowedCpus(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readText('/proc/self/status') ?? '')?.[1];
  if (list === undefined) return Array.from({ length: os.availableParallelism() }, (_, cpu) => cpu);
  return cpuList(list);
}

/** CPUs as the kernel lists them: `0-2,5`. */
const cpuList = (list: string): number[] =>
  list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
  });

const line = (path: string): string | null => readText(path)?.trim() || null;

const CLOCKSOURCES = '/sys/devices/system/clocksource/clocksource0';
export const clocksource = () => line(`${CLOCKSOURCES}/current_clocksource`);
export const availableClocksources = () => line(`${CLOCKSOURCES}/available_clocksource`)?.split(/\s+/) ?? [];

/** How the clock rate of the CPUs is chosen; null in most virtual machines. */
export const governor = () => line('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor');

/** How many fds one user may watch with epoll, over all instances. */
export const maxUserWatches = () => numberIn(readText('/proc/sys/fs/epoll/max_user_watches'), /(\d+)/);

export const slabinfoIsReadable = () => readText('/proc/slabinfo') !== null;

/** What this system runs on: `none`, or the hypervisor. */
export function virtualization(): string | null {
  const cpuinfo = readText('/proc/cpuinfo');
  if (cpuinfo === null) return null;
  const clock = clocksource() ?? '';
  const vendor = line('/sys/class/dmi/id/sys_vendor') ?? '';
  if (/kvm/.test(clock)) return 'kvm';
  if (/hyperv/.test(clock) || /Microsoft/.test(vendor)) return 'hyper-v';
  if (/VMware/.test(vendor)) return 'vmware';
  if (line('/sys/hypervisor/type') === 'xen') return 'xen';
  // Only x86 has a flag that says so; elsewhere nothing is known.
  if (!/^flags\s*:/m.test(cpuinfo)) return null;
  return /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo) ? 'unknown hypervisor' : 'none';
}

export const inContainer = (): boolean =>
  existsSync('/.dockerenv') ||
  existsSync('/run/.containerenv') ||
  /docker|kubepods|containerd|lxc/.test(readText('/proc/1/cgroup') ?? '');

/** The CPU's weaknesses that concern it, each with what the kernel does about it: `name: text`. */
export function mitigations(): string[] | null {
  const folder = '/sys/devices/system/cpu/vulnerabilities';
  if (!existsSync(folder)) return null;
  return readdirSync(folder)
    .map((name) => `${name}: ${line(`${folder}/${name}`) ?? 'unreadable'}`)
    .filter((text) => !text.endsWith('Not affected'));
}

/** What the kernel was built with; null where it does not say. */
function irqTimeAccounting(): boolean | null {
  const packed = '/proc/config.gz';
  const config = existsSync(packed)
    ? gunzipSync(readFileSync(packed)).toString('latin1')
    : readText(`/boot/config-${os.release()}`);
  return config === null ? null : /^CONFIG_IRQ_TIME_ACCOUNTING=y$/m.test(config);
}

/** The CPUs of the same core, as far as the kernel knows: in a virtual machine it need not; null where it does not say. */
export function siblingsOf(cpu: number): number[] | null {
  const siblings = line(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`);
  return siblings === null ? null : cpuList(siblings);
}

/** By what was measured, and what the kernel knows of its cores: of a virtual machine's only a yes is believed. */
export function describeLoad(
  cpus: { readonly subject: number; readonly load: number } | null,
  measured: boolean | null,
): boolean | null {
  if (cpus === null) return true;
  const siblings = siblingsOf(cpus.subject);
  if (siblings?.includes(cpus.load)) return true;
  return measured ?? (siblings !== null && virtualization() === 'none' ? false : null);
}

const ROOT = realpathSync(fileURLToPath(new URL('../../..', import.meta.url)));

/** The commit of this checkout, when the program runs from one. */
export function checkout(root = ROOT): Pick<Environment, 'commit' | 'dirty'> {
  const env = gitEnvironment();
  const git = (...args: string[]) => {
    // `status` would write the index.
    const all = ['--no-optional-locks', '-C', root, ...args];
    const { status, stdout } = spawnSync('git', all, { encoding: 'utf8', env });
    return status === 0 ? stdout.trim() : null;
  };
  const [top, commit = null] = git('rev-parse', '--show-toplevel', '--short', 'HEAD')?.split('\n') ?? [];
  if (top !== root) return { commit: null, dirty: null };
  const status = git('status', '--porcelain');
  return { commit, dirty: status === null ? null : status !== '' };
}

import type { Check } from './check.js';

/**
 * One line per check, in the order in which they are shown. They are loaded one after another: all at once they would
 * take more fds than a low limit leaves.
 */
export const checks: readonly (() => Promise<Check>)[] = [
  async () => (await import('./checks/system.js')).system,
  async () => (await import('./checks/architecture.js')).architecture,
  async () => (await import('./checks/node.js')).node,
  async () => (await import('./checks/bench.js')).bench,
  async () => (await import('./checks/turn-probe.js')).turnProbe,
  async () => (await import('./checks/server.js')).server,
  async () => (await import('./checks/c-compiler.js')).cCompiler,
  async () => (await import('./checks/libevent.js')).libevent,
  async () => (await import('./checks/python-servers.js')).tornado,
  async () => (await import('./checks/python-servers.js')).twisted,
  async () => (await import('./checks/privileges.js')).privileges,
  async () => (await import('./checks/container.js')).container,
  async () => (await import('./checks/file-table.js')).fileTable,
  async () => (await import('./checks/realtime.js')).realtime,
  async () => (await import('./checks/io-uring.js')).ioUring,
  async () => (await import('./checks/slabinfo.js')).slabinfo,
  async () => (await import('./checks/fd-limit.js')).fdLimit,
  async () => (await import('./checks/processes.js')).processes,
  async () => (await import('./checks/loopback.js')).loopback,
  async () => (await import('./checks/backlog.js')).backlog,
  async () => (await import('./checks/ports.js')).ports,
  async () => (await import('./checks/epoll-watches.js')).epollWatches,
  async () => (await import('./checks/memory.js')).memory,
  async () => (await import('./checks/cpus.js')).cpus,
  async () => (await import('./checks/speeds.js')).speeds,
  async () => (await import('./checks/cpu-quota.js')).cpuQuotaCheck,
  async () => (await import('./checks/load.js')).load,
  async () => (await import('./checks/pressure.js')).pressure,
  async () => (await import('./checks/steal.js')).steal,
  async () => (await import('./checks/virtualization.js')).virtualization,
  async () => (await import('./checks/governor.js')).governor,
  async () => (await import('./checks/clock-source.js')).clockSource,
  async () => (await import('./checks/mitigations.js')).mitigations,
];

import type { ProbeFacts } from '../processes/turn-probe/protocol.js';
import type { Environment } from '../results/run-schema.js';

/** The machine in two lines: before any number, what the numbers hold for. */
export function describeMachine(environment: Environment, probe: ProbeFacts): string {
  const { kernel, arch, cpus, cpuModel, virtualization, node, koffi, cc, pinnedTo, unshare } = environment;
  const machine = [
    `Linux ${kernel} ${arch}`,
    `${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}${cpuModel ? ` (${cpuModel})` : ''}`,
    virtualization === 'none' ? 'bare metal' : `on ${virtualization ?? 'an unknown platform'}`,
    `Node ${node}`,
    `koffi ${koffi ?? 'absent'}`,
    cc ?? 'no C compiler',
  ];
  const subject = [
    pinnedTo === null ? 'not pinned' : `pinned to CPU ${pinnedTo}`,
    unshare ? 'private file table' : 'shared file table',
    `at most ${probe.numbers.mostPairs} watched sockets (${probe.fdLimit.soft} fds)`,
  ];
  return `${machine.join(', ')}\nsubject: ${subject.join(', ')}`;
}

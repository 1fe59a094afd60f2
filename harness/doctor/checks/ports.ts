import { asRoot } from '../../collectors/remedies.js';
import { ephemeralPorts } from '../../collectors/room.js';
import { check, fine } from '../check.js';

export const ports = check({
  id: 'ports',
  group: 'sockets',
  read: ephemeralPorts,
  judge(range, machine) {
    if (range === null) return fine('the range of ephemeral ports is not visible');
    const count = range.last - range.first + 1;
    const finding = `${range.first}..${range.last}: ${count} loopback connections to one port`;
    const needed = machine.probe.ok ? machine.probe.facts.numbers.mostPairs : 0;
    if (count >= needed) return fine(finding);
    return {
      state: 'limited',
      finding: `${finding}, ${needed} are wanted`,
      consequence: `launches that open more than ${count} TCP sockets fail: the largest cells of every experiment on sockets`,
      command: asRoot('sysctl -w net.ipv4.ip_local_port_range="32768 60999"', machine),
    };
  },
});

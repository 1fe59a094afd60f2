import { check, fine } from '../check.js';

export const container = check({
  id: 'container',
  group: 'rights',
  read: (machine) => machine.container,
  judge: (inside) =>
    fine(inside ? 'yes: fds, CPUs, memory and system calls are what its runtime grants' : 'none'),
});

import { asRoot } from '../../collectors/remedies.js';
import { backlogLimit } from '../../collectors/room.js';
import { check, fine } from '../check.js';

/** As many of a herd's connections wait at most until a server has accepted them. */
const WANTED = 128;

export const backlog = check({
  id: 'backlog',
  group: 'sockets',
  read: backlogLimit,
  judge(most, machine) {
    if (most === null) return fine('net.core.somaxconn is not visible');
    const finding = `${most} connections may wait until a server accepts them`;
    if (most >= WANTED) return fine(finding);
    return {
      state: 'limited',
      finding: `${finding} (net.core.somaxconn), ${WANTED} are wanted`,
      consequence:
        'idle, server: connections beyond that are dropped and tried again a second later, so that launches take longer, or fail',
      command: asRoot('sysctl -w net.core.somaxconn=4096', machine),
    };
  },
});

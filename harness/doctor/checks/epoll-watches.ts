import { maxUserWatches } from '../../collectors/environment.js';
import { asRoot, MOST_USEFUL_FDS } from '../../collectors/remedies.js';
import { check, fine } from '../check.js';

export const epollWatches = check({
  id: 'epoll-watches',
  group: 'sockets',
  read: maxUserWatches,
  judge(most, machine) {
    if (most === null) return fine('fs.epoll.max_user_watches is not visible');
    const finding = `a user may watch ${most} fds with epoll`;
    const needed = machine.probe.ok ? machine.probe.facts.numbers.mostPairs : 0;
    if (most >= needed) return fine(finding);
    return {
      state: 'limited',
      finding: `${finding}, ${needed} are wanted`,
      consequence: `epoll refuses more (ENOSPC): launches that watch more than ${most} fds fail for every poller`,
      command: asRoot(`sysctl -w fs.epoll.max_user_watches=${MOST_USEFUL_FDS}`, machine),
    };
  },
});

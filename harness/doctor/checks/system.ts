import os from 'node:os';
import { check, fine } from '../check.js';

export const system = check({
  id: 'system',
  group: 'program',
  anywhere: true,
  read: () => os.release(),
  judge: (release, { platform, experiments }) =>
    platform === 'linux'
      ? fine(`Linux ${release}`)
      : {
          state: 'missing',
          finding: `${platform} ${release}: bench measures Linux's own select, poll and epoll`,
          consequence: 'bench refuses to start and measures nothing; list and report work here',
          command: `docker run --rm -it -v "$PWD":/pollcost -w /pollcost node:20 sh -c 'npm ci && npm run bench'`,
          loses: experiments.map(({ id }) => id),
        },
});

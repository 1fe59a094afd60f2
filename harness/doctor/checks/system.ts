import os from 'node:os';
import { manifest, type PollerName } from '../../../pollers/manifest.js';
import { check, fine } from '../check.js';
import { lossOf } from '../rehearsal.js';

const IN_A_CONTAINER = `docker run --rm -it -v "$PWD":/pollcost -w /pollcost node:20 sh -c 'npm ci && npm run bench'`;

const ABSENT = { ok: false, reason: 'not Linux' } as const;
const WITHOUT_LINUX = { twin: ABSENT, unshare: ABSENT, fileTable: 'shared', pinned: ABSENT } as const;

export const system = check({
  id: 'system',
  group: 'program',
  anywhere: true,
  read: () => os.release(),
  judge: (release, machine) => {
    const { platform, experiments, probe } = machine;
    if (platform === 'linux') return fine(`Linux ${release}`);
    const pollers = pollersOn(platform);
    if (pollers.length === 0)
      return {
        state: 'missing',
        finding: `${platform} ${release}: bench measures select, poll, epoll and kqueue`,
        consequence: 'bench refuses to start and measures nothing; list and report work here',
        command: IN_A_CONTAINER,
        loses: experiments.map(({ id }) => id),
      };
    const lost = experiments.filter(({ needsLinux }) => needsLinux !== undefined).map(({ id }) => id);
    const less = probe.ok ? lossOf(probe.facts, WITHOUT_LINUX, machine).experiments : [];
    return {
      state: 'missing',
      finding: `${platform} ${release}: turns of ${pollers.join(', ')} are measured, which was tried against a shim only`,
      consequence: `${lost.join(', ')}: skipped; no C twin, no CPU and no file table of its own; claims about epoll undecided`,
      command: IN_A_CONTAINER,
      loses: [...lost, ...less],
    };
  },
});

const pollersOn = (platform: string): PollerName[] =>
  Object.entries(manifest).flatMap(([name, { systems }]) => (systems.includes(platform) ? [name] : []));

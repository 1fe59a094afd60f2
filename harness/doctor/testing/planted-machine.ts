import { claims } from '../../claims/registry.js';
import { experiments } from '../../experiments/registry.js';
import type { ProbeFacts } from '../../processes/turn-probe/protocol.js';
import type { Machine } from '../machine.js';

const poller = { maxFd: 2 ** 20, blocks: true, trigger: 'level', scansAll: true, call: 'poll' } as const;

/** What a probe says where nothing is withheld. */
export const plantedFacts: ProbeFacts = {
  koffi: '3.3.4',
  fdLimit: { soft: 20000, hard: 20000 },
  numbers: { first: 32, last: 19999, spare: 8, mostPairs: 9968 },
  fileTable: 'private',
  unshare: { ok: true },
  pinned: { ok: true, cpu: 1 },
  realtime: { ok: true },
  highestNice: { ok: true },
  shortSlices: { ok: true },
  loopback: { ok: true },
  webAssembly: { ok: true },
  twin: { ok: true, compiler: 'gcc 12.2.0' },
  refused: {},
  pollers: {
    select: { ...poller, maxFd: 1023, call: 'select' },
    'select-wide': { ...poller, call: 'select' },
    poll: poller,
    epoll: { ...poller, scansAll: false, call: 'epoll' },
  },
};

/** The same under a limit on fds, with the numbers that the probe derives from it. */
export const factsUnder = (limit: number): ProbeFacts => ({
  ...plantedFacts,
  fdLimit: { soft: limit, hard: limit },
  numbers: {
    first: 32,
    last: limit - 1,
    spare: 8,
    mostPairs: Math.max(0, Math.floor((limit - (limit < 256 ? 40 : 64)) / 2)),
  },
});

/** A user's own Linux machine with two CPUs, where nothing is withheld but root. */
export const plantedMachine = (changes: Partial<Machine> = {}): Machine => ({
  platform: 'linux',
  arch: 'x64',
  node: '22.3.0',
  oldestNode: '20.11',
  root: false,
  uid: 1000,
  mayRaiseLimits: false,
  fdLimit: 20000,
  firstFdLimit: 20000,
  container: false,
  cpus: [0, 1],
  bench: { ok: true },
  probe: { ok: true, facts: plantedFacts },
  server: { ok: true },
  speeds: { ok: true, alone: Array(100).fill(3.2), besideBusy: Array(100).fill(3.2) },
  experiments,
  claims,
  ...changes,
});

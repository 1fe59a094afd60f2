import type { PollerName } from '../../../pollers/manifest.js';
import type { PollerFacts, ProbeFacts } from '../../processes/turn-probe/protocol.js';
import type { PlanContext } from '../experiment.js';

/** What a plan depends on, as on a machine with this limit of fds. */
export function plantedContext(
  more: Partial<Omit<PlanContext, 'probe'>> & { readonly fds?: number; readonly unshare?: boolean } = {},
): PlanContext {
  const { fds = 20_000, unshare = true, ...context } = more;
  const probe: ProbeFacts = {
    koffi: '0',
    fdLimit: { soft: fds, hard: fds },
    numbers: { first: 32, last: fds - 1, spare: 32, mostPairs: (fds - 64) >> 1 },
    fileTable: 'private',
    unshare: unshare ? { ok: true } : { ok: false, reason: 'planted' },
    pinned: { ok: false, reason: 'planted' },
    realtime: { ok: true },
    highestNice: { ok: true },
    shortSlices: { ok: true },
    loopback: { ok: true },
    webAssembly: { ok: true },
    twin: { ok: false, reason: 'planted' },
    refused: {},
    pollers: POLLERS,
  };
  return {
    profile: 'quick',
    pollers: ['select', 'select-wide', 'poll', 'epoll'],
    connections: null,
    cpus: null,
    ...context,
    probe,
  };
}

const MOST_FD = 2 ** 31 - 1;
const level: PollerFacts = { maxFd: MOST_FD, blocks: true, trigger: 'level', scansAll: true, call: 'poll' };
const POLLERS: Record<PollerName, PollerFacts> = {
  busy: { ...level, blocks: false, call: 'poll-each' },
  select: { ...level, maxFd: 1023, call: 'select' },
  'select-wide': { ...level, call: 'select' },
  poll: level,
  epoll: { ...level, scansAll: false, call: 'epoll' },
  'epoll-et': { ...level, scansAll: false, call: 'epoll', trigger: 'edge' },
};

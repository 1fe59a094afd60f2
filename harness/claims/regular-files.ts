import type { ClaimDefinition } from './claim.js';
import { type Evidence, exact } from './evidence.js';

const regularFile = (evidence: Evidence, poller: string) =>
  evidence.cell({ experiment: 'limits', poller, factors: { probe: 'regular-file' } }).metrics;

export const regularFiles: ClaimDefinition = {
  id: 'regular-files',
  source: 'answer',
  kind: 'definition',
  statement: 'select and poll call a regular file always ready, epoll refuses to watch one',
  rule: {
    version: 1,
    text:
      'A regular file is registered for reading. Holds if select and poll report it at once and epoll_ctl refuses it ' +
      '(EPERM); fails otherwise.',
  },
  evidence: ['limits'],
  judge(evidence) {
    const reports = (poller: string) => Number(regularFile(evidence, poller).reported?.value === 1);
    const refuses = Number(regularFile(evidence, 'epoll').accepted?.value === 0);
    const effects = [
      exact('selectReports', reports('select'), 'boolean', true),
      exact('pollReports', reports('poll'), 'boolean', true),
      exact('epollRefuses', refuses, 'boolean', true),
    ];
    return {
      verdict: effects.every(({ value }) => value === 1) ? 'holds' : 'fails',
      effects,
      explanation:
        'Regular files have no poll method. vfs_poll() then answers DEFAULT_POLLMASK, readable and writable, which is ' +
        'what select and poll pass on; do_epoll_ctl() asks file_can_poll() first and refuses with EPERM. For a disk ' +
        'file neither answer helps: "ready" does not mean that a read will not block.',
    };
  },
};

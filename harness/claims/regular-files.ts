import type { MeasuredCell } from '../results/run-schema.js';
import { type ClaimDefinition, judgeAll, within } from './claim.js';
import { conditionsOf, type Evidence, exact } from './evidence.js';

const regularFile = (evidence: Evidence, poller: string) =>
  evidence.cell({ experiment: 'limits', poller, factors: { probe: 'regular-file' } });

export const regularFiles: ClaimDefinition = {
  id: 'regular-files',
  source: 'answer',
  kind: 'definition',
  statement: 'select and poll call a regular file always ready, epoll refuses to watch one',
  rule: {
    version: 2,
    text:
      'A regular file is registered for reading. Holds if select and poll report it at once and epoll refuses to register it; ' +
      'fails otherwise. The refusal of epoll_ctl is EPERM, which the contract of each poller checks by its number.',
  },
  evidence: ['limits'],
  judge(evidence) {
    const [select, poll, epoll] = ['select', 'poll', 'epoll'].map((poller) => regularFile(evidence, poller));
    const effect = (name: string, cell: MeasuredCell | undefined, metric: string, wanted: number) =>
      within(
        exact(
          name,
          Number(cell?.metrics[metric]?.value === wanted),
          'boolean',
          true,
          cell && conditionsOf(cell),
        ),
        { from: 1 },
      );
    const effects = [
      effect('selectReports', select, 'reported', 1),
      effect('pollReports', poll, 'reported', 1),
      effect('epollRefuses', epoll, 'accepted', 0),
    ];
    const [a, b, c] = effects.map(({ value }) => value === 1);
    return {
      ...judgeAll(effects),
      effects,
      finding:
        `Asked to wait for a regular file, select ${a ? 'calls' : 'does not call'} it ready at once, poll ` +
        `${b ? 'calls' : 'does not call'} it ready at once, and epoll ${c ? 'refuses' : 'accepts'} it.`,
      explanation:
        'Regular files have no poll method. vfs_poll() then answers DEFAULT_POLLMASK, readable and writable, which is ' +
        'what select and poll pass on; do_epoll_ctl() asks file_can_poll() first and refuses with EPERM. For a disk ' +
        'file neither answer helps: "ready" does not mean that a read will not block.',
    };
  },
};

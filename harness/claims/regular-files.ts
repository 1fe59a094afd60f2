import type { Effect, MeasuredCell } from '../results/run-schema.js';
import { type ClaimDefinition, judgeAll, within } from './claim.js';
import { conditionsOf, exact, Missing } from './evidence.js';

/** The same number on every Linux. */
const EPERM = 1;

const ANSWERS: ReadonlyMap<number, string> = new Map([
  [0, 'accepts it'],
  [EPERM, `refuses it with error ${EPERM} (EPERM)`],
]);

/** What a call answers comes out the same in every launch. */
function answer(name: string, cell: MeasuredCell, metric: string): Effect {
  const figure = cell.metrics[metric];
  if (!figure) throw new Missing(`${metric} of ${cell.id}`);
  return exact(name, figure.value, figure.unit, true, conditionsOf(cell));
}

export const regularFiles: ClaimDefinition = {
  id: 'regular-files',
  source: 'answer',
  kind: 'definition',
  statement: 'select and poll call a regular file always ready, epoll refuses to watch one',
  rule: {
    version: 3,
    text:
      'A regular file is registered for reading. Holds if select and poll report it at once and epoll_ctl refuses it with EPERM, ' +
      'by the number of that error (1); fails otherwise.',
  },
  evidence: ['limits'],
  judge(evidence) {
    const [select, poll, epoll] = evidence.grid(
      ['select', 'poll', 'epoll'].map((poller) => ({
        experiment: 'limits',
        poller,
        factors: { probe: 'regular-file' },
      })),
    ) as [MeasuredCell, MeasuredCell, MeasuredCell];
    const effects = [
      within(answer('selectReports', select, 'reported'), { from: 1 }),
      within(answer('pollReports', poll, 'reported'), { from: 1 }),
      within(answer('epollErrno', epoll, 'registerErrno'), { from: EPERM, to: EPERM }),
    ] as const;
    const [a, b, c] = effects.map(({ value }) => value);
    return {
      ...judgeAll(effects),
      effects,
      finding:
        `Asked to wait for a regular file, select ${a ? 'calls' : 'does not call'} it ready at once, poll ` +
        `${b ? 'calls' : 'does not call'} it ready at once, and epoll ${ANSWERS.get(Number(c)) ?? `refuses it with error ${c}`}.`,
      explanation:
        'Regular files have no poll method. vfs_poll() then answers DEFAULT_POLLMASK, readable and writable, which is ' +
        'what select and poll pass on; do_epoll_ctl() asks file_can_poll() first and refuses with EPERM. For a disk ' +
        'file neither answer helps: "ready" does not mean that a read will not block.',
    };
  },
};

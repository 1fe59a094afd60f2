import type { MeasuredCell } from '../results/run-schema.js';
import { type ClaimDefinition, judgeAll, within } from './claim.js';
import { comparedConditions, type Evidence, exact, Missing, optional } from './evidence.js';
import { ns } from './figure-text.js';

const CONDITIONS = { ready: 1, position: 'last', timeout: 'zero', socket: 'tcp' };
/** Fewer fds than this fill so few words of a bitmap that their growth says nothing. */
const LEAST_MOST = 300;
/** The widest count over the narrowest must be at least this, or growth could not be told. */
const LEAST_SPAN = 10;
const LIMITS = { select: { from: 2 }, poll: { from: 2 }, epoll: { to: 1 } } as const;
const POLLERS = { select: 'select-wide', poll: 'poll', epoll: 'epoll' } as const;

/** The cells with the fewest and the most watched fds. */
function extremes(evidence: Evidence, poller: string): [MeasuredCell, MeasuredCell] {
  const watched = (cell: MeasuredCell) => Number(cell.factors.watched);
  const cells = evidence
    .cells({ experiment: 'watched-fds', poller, factors: CONDITIONS })
    .sort((a, b) => watched(a) - watched(b));
  const [fewest, most] = [cells[0], cells.at(-1)];
  if (!fewest || !most) {
    evidence.cell({ experiment: 'watched-fds', poller, factors: CONDITIONS });
    throw new Missing(`watched-fds of ${poller} with one fd ready`);
  }
  if (watched(most) < LEAST_MOST || watched(most) < LEAST_SPAN * watched(fewest)) {
    throw new Missing(
      `cells of ${poller} with ${LEAST_MOST} watched fds or more that span at least a factor of ${LEAST_SPAN}`,
    );
  }
  return [fewest, most];
}

const examined = (cell: MeasuredCell) => cell.metrics.fdsExamined?.value ?? Number.NaN;

export const scanAfterSelect: ClaimDefinition = {
  id: 'scan-after-select',
  source: 'notes',
  kind: 'definition',
  statement:
    'select says that something is ready but not what, so every stream has to be looked at; epoll hands over the active ones',
  rule: {
    version: 2,
    text:
      'Slots that user space looks at after the call returned, one fd ready (for select: words of the bitmap), at the ' +
      'most watched fds over the fewest: holds if they grow more than twofold for select and poll and not at all for ' +
      'epoll; fails otherwise. The most are at least 300 fds and ten times the fewest. Counted, not timed; the time of the ' +
      'walk stands beside it.',
  },
  evidence: ['watched-fds'],
  judge(evidence) {
    const growth = (name: keyof typeof POLLERS) => {
      const [fewest, most] = extremes(evidence, POLLERS[name]);
      const grown = examined(most) / examined(fewest);
      const factors = comparedConditions(most, fewest);
      return within(exact(`${name}ExaminedGrowth`, grown, 'ratio', true, factors), LIMITS[name]);
    };
    const [select, poll, epoll] = [growth('select'), growth('poll'), growth('epoll')];
    const most = (name: keyof typeof POLLERS) => extremes(evidence, POLLERS[name])[1];
    const scans = (Object.keys(POLLERS) as (keyof typeof POLLERS)[]).flatMap((name) =>
      optional(() => evidence.figure(`${name}ScanNsAtMost`, most(name), 'scanNsPerTurn', false)),
    );
    return {
      ...judgeAll([select, poll, epoll]),
      effects: [select, poll, epoll, ...scans],
      finding:
        `With ${most('poll').factors.watched} sockets and one of them ready, a program looks at ` +
        `${examined(most('select'))} words after select, at ${examined(most('poll'))} entries after poll and at ` +
        `${examined(most('epoll'))} after epoll.`,
      explanation:
        'select answers by overwriting the bitmaps and poll by filling in revents, both in place: whoever called has to ' +
        `walk them. With ${most('poll').factors.watched} fds that walk took ${ns(most('select'), 'scanNsPerTurn')} over ` +
        `${examined(most('select'))} words for select, ${ns(most('poll'), 'scanNsPerTurn')} over ` +
        `${examined(most('poll'))} slots for poll and ${ns(most('epoll'), 'scanNsPerTurn')} over ` +
        `${examined(most('epoll'))} for epoll. It is real and small: the walk inside the kernel, which the notes do not ` +
        `mention, is most of the turn's ${ns(most('select'))}, ${ns(most('poll'))} and ${ns(most('epoll'))}.`,
    };
  },
};

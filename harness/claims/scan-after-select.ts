import { ofQuantity } from '../results/effect-factors.js';
import type { MeasuredCell } from '../results/run-schema.js';
import { type ClaimDefinition, judgeAll, within } from './claim.js';
import { comparedConditions, conditionsOf, type Evidence, exact, Missing } from './evidence.js';
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
      const effect = exact(`${name}ExaminedGrowth`, grown, 'ratio', true, factors);
      return within(ofQuantity('fdsExamined', effect), LIMITS[name]);
    };
    const [select, poll, epoll] = [growth('select'), growth('poll'), growth('epoll')];
    const most = (name: keyof typeof POLLERS) => extremes(evidence, POLLERS[name])[1];
    const names = Object.keys(POLLERS) as (keyof typeof POLLERS)[];
    const looked = names.map((name) => {
      const cell = most(name);
      return ofQuantity(
        'fdsExamined',
        exact(`${name}ExaminedAtMost`, examined(cell), 'count', false, conditionsOf(cell)),
      );
    });
    const timed = (what: string, metric: 'scanNsPerTurn' | 'cpuNsPerTurn') =>
      names.map((name) =>
        ofQuantity(metric, evidence.figure(`${name}${what}NsAtMost`, most(name), metric, false)),
      );
    const [scans, turns] = [timed('Scan', 'scanNsPerTurn'), timed('Turn', 'cpuNsPerTurn')];
    const [words, entries, handed] = looked.map(({ value }) => value);
    const [ofWords, ofEntries, ofHanded] = scans.map(ns);
    const [ofSelect, ofPoll, ofEpoll] = turns.map(ns);
    return {
      ...judgeAll([select, poll, epoll]),
      effects: [select, poll, epoll, ...looked, ...scans, ...turns],
      finding:
        `With ${most('poll').factors.watched} sockets and one of them ready, a program looks at ` +
        `${words} words after select, at ${entries} entries after poll and at ${handed} after epoll.`,
      explanation:
        'select answers by overwriting the bitmaps and poll by filling in revents, both in place: whoever called has to ' +
        `walk them. With ${most('poll').factors.watched} fds that walk took ${ofWords} over ${words} words for select, ` +
        `${ofEntries} over ${entries} slots for poll and ${ofHanded} over ${handed} for epoll. It is real and small: the walk inside the kernel, which the notes do not ` +
        `mention, is most of the turn's ${ofSelect}, ${ofPoll} and ${ofEpoll}.`,
    };
  },
};

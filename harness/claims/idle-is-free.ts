import { type ClaimDefinition, judgeAll } from './claim.js';
import { type Evidence, optional } from './evidence.js';
import { ns, times } from './wording.js';

const MANY = 1000;
const PAYS_FOR_ALL = { from: 20 };
const PAYS_FOR_ACTIVE = { to: 1.25 };

/** `select` itself ends before fd 1 024; `select-wide` makes the same call with room for them all. */
const POLLERS = { select: 'select-wide', poll: 'poll', epoll: 'epoll' } as const;

const HOT = { ready: 1, position: 'last', timeout: 'zero', socket: 'tcp' };
const SLEPT = { ready: 1, timeout: 'slept', wakesPerSecond: 500, socket: 'tcp' };

const cellAt = (evidence: Evidence, poller: string, watched: number, conditions: typeof HOT | typeof SLEPT) =>
  evidence.cell({ experiment: 'watched-fds', poller, factors: { watched, ...conditions } });

export const idleIsFree: ClaimDefinition = {
  id: 'idle-is-free',
  source: 'answer',
  statement:
    'with 1 000 mostly idle clients select pays for all of them, epoll only for the few that are active',
  rule: {
    version: 1,
    text:
      'CPU time of a turn with one of N fds ready, N = 1 000 over N = 1, hot, zero timeout: holds if the interval of ' +
      "select's and poll's growth lies above 20 and epoll's below 1.25; fails if one lies wholly on the other side. " +
      'select is measured as select-wide, because fd numbers end at 1 023 for select. Growth of slept turns at 500 ' +
      'wake-ups a second stands beside it. Where experiment server ran, a contradiction there makes it undecided.',
  },
  evidence: ['watched-fds'],
  judge(evidence) {
    const growth = (name: keyof typeof POLLERS) =>
      evidence.ratio(
        `${name}Growth1To1000`,
        cellAt(evidence, POLLERS[name], MANY, HOT),
        cellAt(evidence, POLLERS[name], 1, HOT),
        true,
      );
    const [select, poll, epoll] = [growth('select'), growth('poll'), growth('epoll')];
    const slept = (Object.keys(POLLERS) as (keyof typeof POLLERS)[]).flatMap((name) =>
      optional(() =>
        evidence.ratio(
          `${name}SleptGrowth1To1000`,
          cellAt(evidence, POLLERS[name], MANY, SLEPT),
          cellAt(evidence, POLLERS[name], 1, SLEPT),
          false,
        ),
      ),
    );
    const cost = (name: keyof typeof POLLERS) => ns(cellAt(evidence, POLLERS[name], MANY, HOT));
    return {
      ...judgeAll([
        [select, PAYS_FOR_ALL],
        [poll, PAYS_FOR_ALL],
        [epoll, PAYS_FOR_ACTIVE],
      ]),
      effects: [select, poll, epoll, ...slept],
      explanation:
        "do_select() and do_poll() call every watched file's poll method in every call; ep_poll() only takes what the " +
        "sockets' own wake-ups put on its ready list (ep_poll_callback), however many are watched. With 1 000 fds a " +
        `turn cost ${cost('select')} under select, ${cost('poll')} under poll and ${cost('epoll')} under epoll: ` +
        `${times(select.value)}, ${times(poll.value)} and ${times(epoll.value)} times what it cost with one. ` +
        'Only the micro half ran, turns of a probe; the half with a real server under a herd did not.',
    };
  },
};

import { ofQuantity } from '../results/effect-factors.js';
import {
  type ClaimDefinition,
  type Judged,
  moreRounds,
  positionOf,
  type Ruling,
  straddling,
  within,
} from './claim.js';
import { type CellQuery, type Evidence, optional } from './evidence.js';
import { ns, times } from './figure-text.js';
import { BEYOND } from './needs.js';

const EXPERIMENT = 'ready-fds';
const { watched: WATCHED, ready: READY } = BEYOND.cycle;
const CHEAPER = { to: 0.9 };
const DEARER = { from: 1.1 };
const SAME = { from: 0.9, to: 1.1 };

type Life = 'consumed-rotating' | 'consumed-same';

const queryOf = (poller: string, ready: number, life: Life = 'consumed-rotating'): CellQuery => ({
  experiment: EXPERIMENT,
  poller,
  factors: { watched: WATCHED, ready, timeout: 'zero', socket: 'tcp', life },
});

const ratioOf = (
  evidence: Evidence,
  name: string,
  ready: number,
  life?: Life,
  metric: 'cpuNsPerCycle' | 'cpuNsPerTurn' = 'cpuNsPerCycle',
) =>
  ofQuantity(
    metric,
    evidence.ratio(
      name,
      evidence.cell(queryOf('io_uring', ready, life)),
      evidence.cell(queryOf('epoll', ready, life)),
      life === undefined,
      metric,
    ),
  );

/** How a cycle under io_uring compares with one under epoll: surely cheaper, surely the same within a tenth, surely dearer. */
const placeOf = (ratio: Judged): 'cheaper' | 'same' | 'dearer' | 'open' => {
  if (positionOf(ratio, CHEAPER) === 'inside') return 'cheaper';
  if (positionOf(ratio, DEARER) === 'inside') return 'dearer';
  return positionOf(ratio, SAME) === 'inside' ? 'same' : 'open';
};

function rulingOf(ratios: readonly Judged[]): Ruling {
  const places = ratios.map(placeOf);
  const open = ratios.filter((_, at) => places[at] === 'open');
  if (open.length > 0) return moreRounds(straddling(open), open);
  if (places.every((place) => place === 'cheaper')) return { verdict: 'holds' };
  if (places.every((place) => place === 'dearer')) return { verdict: 'fails' };
  const withReady = (place: string) =>
    READY.filter((_, at) => places[at] === place)
      .join(' and ')
      .concat(' ready');
  if (places.includes('cheaper'))
    return { verdict: 'holds-when', condition: `there are ${withReady('cheaper')} of ${WATCHED}` };
  return {
    verdict: 'holds-when',
    condition: `"less" is read as "not more", and there are ${withReady('same')} of ${WATCHED}`,
  };
}

export const ioUringCheaperTurn: ClaimDefinition = {
  id: 'io-uring-cheaper-turn',
  source: 'asked',
  kind: 'measured',
  statement: 'waiting with io_uring takes less CPU than waiting with epoll',
  rule: {
    version: 1,
    text:
      'CPU time of a whole cycle, io_uring over level-triggered epoll: 1 000 TCP connections are watched, 1, 10 or 100 of them ' +
      'get a byte, a turn with zero timeout reports them, and each is read; other ones each time. Holds if the interval of the ' +
      'ratio lies below 0.9 with 1, 10 and 100 ready, fails if it lies above 1.1 with each of them. Undecided if one of them ' +
      'straddles 0.9 or 1.1; else holds-when, with the counts at which it lies below 0.9, or where there are none, those at which ' +
      'it lies within 0.9..1.1. The same fds each time, and the turn alone, stand beside it.',
  },
  evidence: [EXPERIMENT],
  judge(evidence) {
    evidence.grid(READY.flatMap((ready) => ['io_uring', 'epoll'].map((poller) => queryOf(poller, ready))));
    const ratios = READY.map((ready) =>
      within(ratioOf(evidence, `ioUringOverEpollCycle${ready}Ready`, ready), CHEAPER),
    );
    const beside = READY.flatMap((ready) => [
      ...optional(() => ratioOf(evidence, `ioUringOverEpollSameCycle${ready}Ready`, ready, 'consumed-same')),
      ...optional(() => ({
        ...ratioOf(evidence, `ioUringOverEpollTurn${ready}Ready`, ready, undefined, 'cpuNsPerTurn'),
        decides: false,
      })),
    ]);
    const costs = READY.flatMap((ready) =>
      (['io_uring', 'epoll'] as const).map((poller) =>
        ofQuantity(
          'cpuNsPerCycle',
          evidence.figure(
            `${poller === 'epoll' ? 'epoll' : 'ioUring'}Cycle${ready}Ready`,
            evidence.cell(queryOf(poller, ready)),
            'cpuNsPerCycle',
            false,
          ),
        ),
      ),
    );
    const [ring, epoll] = costs;
    const [one, ten, hundred] = ratios.map(({ value }) => times(value));
    return {
      ...rulingOf(ratios),
      effects: [...ratios, ...beside, ...costs],
      finding:
        `Over a whole cycle, from a byte sent to the byte read, io_uring takes ${one} times the CPU of epoll with 1 of 1 000 ` +
        `ready, ${ten} times with 10 and ${hundred} times with 100.`,
      explanation:
        'Under epoll the kernel keeps the registration and puts the fd on a list when data comes (ep_poll_callback); under ' +
        'io_uring a request to poll answers once (io_poll_wake, and task work that the next io_uring_enter runs) and is asked ' +
        'again with the next wait: an entry written and one read for each fd, in the same system call. Both then read with a ' +
        `system call of its own. With one ready a cycle took ${ring ? ns(ring) : ''} under io_uring and ` +
        `${epoll ? ns(epoll) : ''} under epoll. What rides along saves a call only where reads and writes do, too: that is ` +
        'completion instead of readiness, and a series of experiment cascade.',
    };
  },
};

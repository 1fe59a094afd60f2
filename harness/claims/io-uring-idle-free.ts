import { type ClaimDefinition, judgeAll, within } from './claim.js';
import { type CellQuery, optional } from './evidence.js';
import { ns, times } from './figure-text.js';
import { BEYOND } from './needs.js';

const EXPERIMENT = 'watched-fds';
const [FEW, MANY] = BEYOND.idle.watched as readonly [number, number];
const PAYS_FOR_ACTIVE = { to: 1.25 };
const HOT = { ready: 1, position: 'last', timeout: 'zero', socket: 'tcp' };
const SLEPT = { ready: 1, timeout: 'slept', wakesPerSecond: 500, socket: 'tcp' };

const queryOf = (watched: number, conditions: typeof HOT | typeof SLEPT): CellQuery => ({
  experiment: EXPERIMENT,
  poller: 'io_uring',
  factors: { watched, ...conditions },
});

export const ioUringIdleFree: ClaimDefinition = {
  id: 'io-uring-idle-free',
  source: 'asked',
  kind: 'measured',
  statement: 'to io_uring, as to epoll, fds that say nothing cost nothing',
  rule: {
    version: 1,
    text:
      'CPU time of a turn of io_uring with one of N fds ready, N = 1 000 over N = 1, hot, zero timeout: holds if the interval of ' +
      'the growth lies below 1.25, fails if it lies above. Growth of slept turns at 500 wake-ups a second stands beside it.',
  },
  evidence: [EXPERIMENT],
  judge(evidence) {
    const [few, many] = evidence.grid([queryOf(FEW, HOT), queryOf(MANY, HOT)]);
    if (!few || !many) throw new RangeError('a grid has all of its cells');
    const growth = within(evidence.ratio('ioUringGrowth1To1000', many, few, true), PAYS_FOR_ACTIVE);
    const slept = optional(() =>
      evidence.ratio(
        'ioUringSleptGrowth1To1000',
        evidence.cell(queryOf(MANY, SLEPT)),
        evidence.cell(queryOf(FEW, SLEPT)),
        false,
      ),
    );
    const atOne = evidence.figure('ioUringCostAt1', few, 'cpuNsPerTurn', false);
    const atMany = evidence.figure('ioUringCostAt1000', many, 'cpuNsPerTurn', false);
    return {
      ...judgeAll([growth]),
      effects: [growth, ...slept, atOne, atMany],
      finding: `Watching 1 000 silent sockets instead of one costs io_uring ${times(growth.value)} times as much.`,
      explanation:
        "Each fd has a request that lies in the socket's wait queue (io_poll_add) until data comes; io_uring_enter looks at what " +
        'was completed and at what is newly asked, never at requests that wait. A turn with one fd ready took ' +
        `${ns(atOne)} where it was the only one and ${ns(atMany)} among 1 000.`,
    };
  },
};

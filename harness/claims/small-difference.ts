import type { Effect, MeasuredCell } from '../results/run-schema.js';
import { boundaryWhere } from './boundary.js';
import { type ClaimDefinition, type Judged, moreRounds, within } from './claim.js';
import type { CellQuery, Evidence } from './evidence.js';
import { FEW_CONNECTIONS } from './needs.js';

const HARDLY = 0.05;
const FEW = 10;
/** Connections of a server, of which one asks and the others are silent. */
const COUNTS = FEW_CONNECTIONS.counts;
const METRIC = 'cpuUsPerRequest';

const serverWith = (poller: string, connections: number): CellQuery => ({
  experiment: 'server',
  poller,
  factors: { app: 'http', load: 'closed', active: 1, idle: connections - 1, fileTable: 'private' },
});

interface Pair {
  readonly connections: number;
  readonly select: MeasuredCell;
  readonly epoll: MeasuredCell;
}

function pairsOf(evidence: Evidence): Pair[] {
  const cells = evidence.grid(
    COUNTS.flatMap((connections) => FEW_CONNECTIONS.pollers.map((poller) => serverWith(poller, connections))),
  );
  return COUNTS.map((connections, index) => ({
    connections,
    select: cells[2 * index] as MeasuredCell,
    epoll: cells[2 * index + 1] as MeasuredCell,
  }));
}

/** abs(select - epoll) / epoll of one request. */
function shareOf(evidence: Evidence, { connections, select, epoll }: Pair): Judged {
  const ratio = evidence.ratio(`shareOfRequestAt${connections}`, select, epoll, true, METRIC);
  const ends = [Math.abs(ratio.low - 1), Math.abs(ratio.high - 1)];
  const spansNone = ratio.low <= 1 && ratio.high >= 1;
  const share = {
    ...ratio,
    ratioKind: 'share' as const,
    value: Math.abs(ratio.value - 1),
    low: spansNone ? 0 : Math.min(...ends),
    high: Math.max(...ends),
  };
  return within(share, { to: HARDLY });
}

const us = ({ value }: Effect): string => value.toFixed(1);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export const smallDifference: ClaimDefinition = {
  id: 'small-difference',
  source: 'answer',
  kind: 'measured',
  statement: 'for so few sockets the difference between select and epoll hardly matters',
  rule: {
    version: 2,
    text:
      'abs(select - epoll) / epoll of the CPU time of one request, both in the live server (app http) on the same N connections, ' +
      'of which one is active in closed loop, in paired windows, N = 1, 2, 4, 6, 8, 10 and 16, all of which must be there. The ' +
      'boundary is the largest N up to which every upper end is below 5 %. Holds if it is at least 10, fails if the lower end at ' +
      'N = 1 is above 5 %, else holds-when N is at most the boundary; undecided where the interval at N = 1 straddles 5 %.',
  },
  evidence: ['server'],
  judge(evidence) {
    const pairs = pairsOf(evidence);
    const shares = pairs.map((pair) => shareOf(evidence, pair));
    const steps = shares.map((share, index) => ({ at: COUNTS[index] as number, ...share }));
    const about = { experiment: 'server', app: 'http', load: 'closed', active: 1 };
    const boundary = boundaryWhere('boundaryConnections', steps, HARDLY, about);
    const few = COUNTS.indexOf(FEW);
    const [pair, share] = [pairs[few] as Pair, shares[few] as Effect];
    const [ofSelect, ofEpoll] = [pair.select, pair.epoll].map((cell) =>
      evidence.figure(`${cell.poller}RequestAt${FEW}`, cell, METRIC, false),
    ) as [Effect, Effect];
    const told = {
      effects: [{ ...boundary, decides: true }, ...shares, ofSelect, ofEpoll],
      finding:
        `With ${FEW} connections, one of them asking, a request costs the server ${us(ofSelect)} us of CPU under select and ` +
        `${us(ofEpoll)} us under epoll, ${percent(share.value)} apart.`,
      explanation:
        'A request is bytes accepted, parsed and answered, and a thread woken up and put to sleep; the turn that finds it is a ' +
        'part of that. Under select do_select() asks each socket before it sleeps and again when it wakes; under epoll ep_poll() ' +
        `looks at a ready list. With ${FEW} connections one request took ${us(ofSelect)} us under select and ` +
        `${us(ofEpoll)} us under epoll, a difference of ${percent(share.value)} (${percent(share.low)} to ${percent(share.high)}).`,
    };
    if (boundary.low >= FEW) return { verdict: 'holds', ...told };
    const first = shares[0] as Effect;
    if (first.low > HARDLY) return { verdict: 'fails', ...told };
    if (boundary.low === 0)
      return { ...moreRounds(`the interval of ${first.name} straddles 5 %`, [first]), ...told };
    const condition =
      `${boundary.low === 1 ? 'a single socket is' : `at most ${boundary.low} sockets are`} watched` +
      (boundary.high > boundary.low ? `; 5 % of a request is surely reached at ${boundary.high}` : '');
    return { verdict: 'holds-when', condition, ...told };
  },
};

import type { Effect } from '../results/run-schema.js';
import { boundaryWhere } from './boundary.js';
import { type ClaimDefinition, undecided } from './claim.js';
import { type Evidence, Missing } from './evidence.js';
import { ns } from './wording.js';

const HARDLY = 0.05;
const FEW = 10;

/** A turn that finds the last fd ready and would have blocked: the one that a server makes for each request. */
const TURN = {
  ready: 1,
  position: 'last',
  timeout: 'finite',
  life: 'standing',
  churnPer100: 0,
  instance: 'kept',
};

const turnAt = (evidence: Evidence, poller: string, watched: number) =>
  evidence.cell({ experiment: 'few-sockets', poller, factors: { ...TURN, watched } });

const requestCell = (evidence: Evidence) =>
  evidence.cell({
    experiment: 'server',
    poller: 'epoll',
    factors: { app: 'http', load: 'closed', active: 1, idle: 0 },
  });

/** @throws Missing where nothing can be a share of it: its interval reaches down to 0 */
function requestOf(evidence: Evidence): Effect {
  const request = evidence.figure('cpuUsPerRequest', requestCell(evidence), 'cpuUsPerRequest', false);
  if (request.low > 0) return request;
  throw new Missing(
    `the CPU time of one request is not resolved: ${request.value} us [${request.low}, ${request.high}]; ` +
      'try --profile standard or thorough, and two CPUs',
  );
}

/** |select - epoll| of a turn as a share of one request's CPU; the two were measured apart, so their ends are combined. */
function shareAt(evidence: Evidence, watched: number): Effect {
  const [select, epoll] = [turnAt(evidence, 'select', watched), turnAt(evidence, 'epoll', watched)];
  const { value, low, high, n } = evidence.difference('', select, epoll, true);
  const request = requestOf(evidence);
  const [near, far] = [Math.min(Math.abs(low), Math.abs(high)), Math.max(Math.abs(low), Math.abs(high))];
  return {
    name: `shareOfRequestAt${watched}`,
    value: Math.abs(value) / (request.value * 1000),
    low: low <= 0 && high >= 0 ? 0 : near / (request.high * 1000),
    high: far / (request.low * 1000),
    unit: 'ratio',
    n,
    decides: true,
  };
}

function countsOf(evidence: Evidence): number[] {
  const counts = evidence
    .cells({ experiment: 'few-sockets', poller: 'epoll', factors: TURN })
    .map(({ factors }) => Number(factors.watched))
    .sort((a, b) => a - b);
  if (counts.length === 0) turnAt(evidence, 'epoll', 1);
  if (!counts.some((count) => count >= FEW)) throw new Missing(`few-sockets with ${FEW} watched fds`);
  return counts;
}

export const smallDifference: ClaimDefinition = {
  id: 'small-difference',
  source: 'answer',
  kind: 'measured',
  statement: 'for so few sockets the difference between select and epoll hardly matters',
  rule: {
    version: 1,
    text:
      'abs(select - epoll) of a turn with the last of N fds ready and a finite timeout, over the CPU time of one request of ' +
      'app http on epoll in closed loop with one active connection. The boundary is the largest N at which the upper end is ' +
      'below 5 %, as it is at every smaller N. Holds if the boundary is at least 10, fails if it is 0 and ' +
      'even the lower end reaches 5 %, else holds-when N is at most the boundary; undecided where the first interval straddles it.',
  },
  evidence: ['few-sockets', 'server'],
  judge(evidence) {
    const counts = countsOf(evidence);
    const shares = counts.map((watched) => shareAt(evidence, watched));
    const steps = shares.map((share, index) => ({ at: counts[index] as number, ...share }));
    const boundary = { ...boundaryWhere('boundaryWatched', steps, HARDLY), decides: true };
    const effects = [...shares, boundary];
    const few = (counts.find((count) => count >= FEW) ?? FEW) as number;
    const request = requestCell(evidence).metrics.cpuUsPerRequest?.value ?? Number.NaN;
    const explanation =
      `One request of app http took ${request.toFixed(1)} us of CPU: accepting the bytes, parsing them, answering, and being ` +
      "woken up and put to sleep. Next to that a turn's own difference is small while few fds are scanned by do_select(): " +
      `with ${few} fds a turn cost ${ns(turnAt(evidence, 'select', few))} under select and ` +
      `${ns(turnAt(evidence, 'epoll', few))} under epoll.`;
    if (boundary.low >= FEW) return { verdict: 'holds', effects, explanation };
    const first = shares[0] as Effect;
    if (first.low >= HARDLY) return { verdict: 'fails', effects, explanation };
    if (boundary.low === 0)
      return {
        ...undecided(`more rounds: the interval of ${first.name} straddles 5 %`),
        effects,
        explanation,
      };
    const condition =
      `${boundary.low === 1 ? 'a single socket is' : `at most ${boundary.low} sockets are`} watched` +
      (boundary.high > boundary.low ? `; 5 % of a request is surely reached at ${boundary.high}` : '');
    return { verdict: 'holds-when', condition, effects, explanation };
  },
};

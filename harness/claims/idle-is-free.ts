import { type ClaimDefinition, type Judged, positionOf, undecided, within } from './claim.js';
import { type Evidence, optional } from './evidence.js';
import { ns, times } from './figure-text.js';
import { beyondLimits, byJoint, judgeJointly } from './joint.js';

const MANY = 1000;
const PAYS_FOR_ALL = { from: 20 };
const PAYS_FOR_ACTIVE = { to: 1.25 };

/** `select` itself ends before fd 1 024; `select-wide` makes the same call with room for them all. */
const POLLERS = { select: 'select-wide', poll: 'poll', epoll: 'epoll' } as const;
type Name = keyof typeof POLLERS;
const NAMES = Object.keys(POLLERS) as Name[];

const HOT = { ready: 1, position: 'last', timeout: 'zero', socket: 'tcp' };
const SLEPT = { ready: 1, timeout: 'slept', wakesPerSecond: 500, socket: 'tcp' };

/** The real half: a server's whole request, in which a turn is only a part. Growth up to here is none. */
const NO_GROWTH = 1.25;
const REQUEST = { load: 'closed', active: 1, fileTable: 'private' };

const cellAt = (evidence: Evidence, poller: string, watched: number, conditions: typeof HOT | typeof SLEPT) =>
  evidence.cell({ experiment: 'watched-fds', poller, factors: { watched, ...conditions } });

export const idleIsFree: ClaimDefinition = {
  id: 'idle-is-free',
  source: 'answer',
  kind: 'measured',
  statement:
    'with 1 000 mostly idle clients select pays for all of them, epoll only for the few that are active',
  rule: {
    version: 3,
    text:
      'CPU time of a turn with one of N fds ready, N = 1 000 over N = 1, hot, zero timeout: holds if the interval of ' +
      "select's and poll's growth lies above 20 and epoll's below 1.25; fails if one lies wholly on the other side, by an " +
      'interval that holds for all 3 at once. ' +
      'select is measured as select-wide, because fd numbers end at 1 023 for select. Growth of slept turns at 500 ' +
      'wake-ups a second stands beside it. Where experiment server ran, it is undecided instead of holding if a server ' +
      'contradicts: CPU per request in closed loop with one active connection, with 1 000 and with the most idle ' +
      'connections over none, lies wholly below 1.25 for select or poll, or wholly above 1.25 for epoll.',
  },
  evidence: ['watched-fds', 'server'],
  judge(evidence) {
    const growth = (evidence: Evidence, name: Name) =>
      within(
        evidence.ratio(
          `${name}Growth1To1000`,
          cellAt(evidence, POLLERS[name], MANY, HOT),
          cellAt(evidence, POLLERS[name], 1, HOT),
          true,
        ),
        name === 'epoll' ? PAYS_FOR_ACTIVE : PAYS_FOR_ALL,
      );
    evidence.grid(
      Object.values(POLLERS).flatMap((poller) =>
        [1, MANY].map((watched) => ({ experiment: 'watched-fds', poller, factors: { watched, ...HOT } })),
      ),
    );
    const growths = (evidence: Evidence) =>
      [growth(evidence, 'select'), growth(evidence, 'poll'), growth(evidence, 'epoll')] as const;
    const all = growths(evidence);
    const [select, poll, epoll] = all;
    const beyond = beyondLimits(evidence, all, growths);
    const slept = NAMES.flatMap((name) =>
      optional(() =>
        evidence.ratio(
          `${name}SleptGrowth1To1000`,
          cellAt(evidence, POLLERS[name], MANY, SLEPT),
          cellAt(evidence, POLLERS[name], 1, SLEPT),
          false,
        ),
      ),
    );
    const costs = NAMES.map((name) =>
      evidence.figure(`${name}CostAt1000`, cellAt(evidence, POLLERS[name], MANY, HOT), 'cpuNsPerTurn', false),
    );
    const [ofSelect = '', ofPoll = '', ofEpoll = ''] = costs.map(ns);
    const verdict = judgeJointly(all, beyond);
    const real = realHalf(evidence);
    const contradictions = real.filter(({ contradicts }) => contradicts).map(({ effect }) => effect.name);
    const isContradicted = verdict.verdict === 'holds' && contradictions.length > 0;
    return {
      ...(isContradicted
        ? undecided(`why the server contradicts the turns: ${contradictions.join(' and ')}`)
        : verdict),
      effects: [select, poll, epoll, ...slept, ...real.map(({ effect }) => effect), ...costs],
      finding:
        `Watching 1 000 silent sockets instead of one costs select ${times(select.value)} times as much, poll ` +
        `${times(poll.value)} times and epoll ${times(epoll.value)} times.`,
      explanation:
        "do_select() and do_poll() call every watched file's poll method in every call; ep_poll() only takes what the " +
        "sockets' own wake-ups put on its ready list (ep_poll_callback), however many are watched. With 1 000 fds a " +
        `turn cost ${ofSelect} under select, ${ofPoll} under poll and ${ofEpoll} under epoll: ` +
        `${times(select.value)}, ${times(poll.value)} and ${times(epoll.value)} times what it cost with one. ` +
        inWords(real) +
        byJoint(beyond),
    };
  },
};

interface RealGrowth {
  readonly poller: Name;
  readonly idle: number;
  readonly effect: Judged;
  readonly contradicts: boolean;
}

/** How a server's CPU per request grows from no idle connections to 1 000 and to the most, as far as that was measured. */
function realHalf(evidence: Evidence): RealGrowth[] {
  return NAMES.flatMap((poller) => {
    const query = { experiment: 'server', poller: POLLERS[poller] };
    const [base] = evidence.cells({ ...query, factors: { ...REQUEST, idle: 0 } });
    if (!base) return [];
    const { app } = base.factors;
    const many = evidence
      .cells({ ...query, factors: { ...REQUEST, app: app ?? '' } })
      .filter(({ factors }) => Number(factors.idle) >= MANY)
      .sort((a, b) => Number(a.factors.idle) - Number(b.factors.idle));
    const chosen = [...new Set([many[0], many.at(-1)])].filter((cell) => cell !== undefined);
    return chosen.flatMap((cell) =>
      optional(() => {
        const idle = Number(cell.factors.idle);
        const name = `${poller}ServerGrowth0To${idle}`;
        const limits = poller === 'epoll' ? { to: NO_GROWTH } : { from: NO_GROWTH };
        const effect = within(evidence.ratio(name, cell, base, true, 'cpuUsPerRequest'), limits);
        return { poller, idle, effect, contradicts: positionOf(effect, limits) === 'outside' };
      }),
    );
  });
}

function inWords(real: readonly RealGrowth[]): string {
  if (real.length === 0)
    return 'Only the micro half ran, turns of a probe; the half with a real server under a herd did not.';
  const growths = real.map(
    ({ poller, idle, effect }) => `${times(effect.value)} with ${idle} under ${poller}`,
  );
  return (
    `Both halves ran: a server's CPU per request, one active connection in closed loop, grew over that without idle ` +
    `connections by a factor of ${growths.join(', ')}.`
  );
}

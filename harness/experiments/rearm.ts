import type { PollerName } from '../../pollers/manifest.js';
import { BEYOND } from '../claims/needs.js';
import { beside } from './beside.js';
import type { Experiment, PlanContext } from './experiment.js';
import { openServers } from './open-servers.js';
import { closedPoint } from './server-design.js';
import { ServerPlanBuilder } from './server-plan.js';
import type { LaunchSetting, ServerConditions } from './server-session.js';
import { skippedPlan } from './skipped-plan.js';

interface Design {
  readonly launches: number;
  /** What is counted is counted in the first. */
  readonly rounds: number;
  readonly ms: number;
}

/** How many connections ask: one, whose requests have a turn each; and so many that turns have several and hardly ever sleep. */
const ACTIVE = Object.values(BEYOND.rearm.active);

const DESIGNS: Record<PlanContext['profile'], Design> = {
  quick: { launches: 2, rounds: 1, ms: 50 },
  standard: { launches: 2, rounds: 2, ms: 60 },
  thorough: { launches: 5, rounds: 10, ms: 150 },
};

/**
 * What it costs to tell the poller of each fd, after each report, that it is to be reported again: one-shot against level- and
 * edge-triggered epoll, and against io_uring, where asking rides with the next wait. A live server's requests; connections take
 * turns, and so do the pollers, on servers that hold no other connections.
 */
export const rearm: Experiment<ServerConditions, LaunchSetting> = {
  id: 'rearm',
  needsLinux: 'its servers run on Linux',
  question: 'what does it cost a server to arm each fd again, by a system call or with the next wait?',
  plan(context) {
    const { launches, rounds, ms } = DESIGNS[context.profile];
    const builder = new ServerPlanBuilder(context, 'rearm');
    const group = builder.group(launches, rounds);
    const pollers = pollersOf(context);
    for (const count of ACTIVE) {
      const isCounted = count === BEYOND.rearm.active.counted;
      const point = { ...closedPoint(0, count, ms), every: isCounted ? rounds : 1 };
      for (const poller of pollers) builder.add(group, 'pollcost', poller, point);
      // System calls are counted: two visits differ by none.
      if (!isCounted && pollers.includes(BEYOND.rearm.again))
        builder.add(group, 'pollcost-again', BEYOND.rearm.again, point);
    }
    const plan = builder.plan([]);
    return pollers.length > 1 ? plan : skippedPlan(plan, (reason = ALONE) => reason);
  },
  open: openServers,
};

const ALONE =
  'one poller alone is compared with nothing: take --profile standard, or --pollers epoll,epoll-oneshot';

/** Where every wait walks everything, nothing has to be armed again. */
const pollersOf = (context: PlanContext): PollerName[] =>
  [...context.pollers, ...beside(context, BEYOND.rearm.pollers)].filter((name) => {
    const facts = context.probe.pollers[name];
    return facts?.blocks && !facts.scansAll;
  });

import type { PollerName } from '../../pollers/manifest.js';
import { FEW_CONNECTIONS } from '../claims/needs.js';
import { unreadable } from '../collectors/readings.js';
import { references } from '../processes/references/references.js';
import type { Experiment, PlanContext } from './experiment.js';
import { openServers } from './open-servers.js';
import { withoutRealtime } from './realtime.js';
import { onePerCall } from './same-call.js';
import {
  APP,
  DESIGNS,
  isBeside,
  isOfThousands,
  MOST_OF_FEW,
  middleOf,
  pointOfFew,
  pointsBeside,
  pointsOf,
  type ServerDesign,
} from './server-design.js';
import { type Group, ServerPlanBuilder } from './server-plan.js';
import type { LaunchSetting, ServerConditions } from './server-session.js';
import { allowedValues, oneEnd, spareFds } from './values.js';

/**
 * What a request costs a server that holds many connections.
 *
 * `idle` is how many connections are held. Under load `closed`, regime "closed-loop few", they are silent, and `active`
 * more ask one request after the other (autocannon). Under load `open`, regime "open at rate", the held ones are mostly
 * idle and beat now and then: `ratePerSecond` of them a second all together, in the order that `phase` names; `active` is
 * 0. With idle 0 some have to beat all the same, so there `active` says how many connections share the rate. A server that
 * cannot keep up with the rate is saturated: its cpuShare is 1, and its events per turn grow.
 *
 * CPU is that of the thread that serves. cpuUsPerRequest divides it by the answers of the window; senderUsPerRequest is
 * the load's process, which pays for epoll's callbacks. idleNsPerFdSecond is how much more CPU a second each idle fd makes
 * the same beats cost, against none. userBytesPerConnection is what the server's VmRSS grew by while they connected,
 * kernelBytesPerConnection what the machine's TCP sockets with file and inode, and epoll's caches, grew by: both ends,
 * and the herd's own epoll entry. errors counts answers that were lost, late beyond 5 s or wrong, and is to be 0.
 *
 * One launch holds all servers at once, each with its herd, and loads one at a time: pollers take turns on the same live
 * connections, and every figure has its partner in the same round. The harness keeps off the server's CPU; under `open`, where
 * latency is what counts, the herd runs before others on its own, as far as that is allowed (root): else it would wait some ms for
 * whoever else is there. A server is of ordinary rank, as its users' are, but the first of those, in a session of its own, and in
 * short slices while beats come: what else the machine does is no part of what it is asked. `serverPriority` realtime has those that
 * run before all others.
 */
export const server: Experiment<ServerConditions, LaunchSetting> = {
  id: 'server',
  needsLinux: 'its servers run on Linux',
  question: 'what does a request cost a server that holds many mostly idle connections?',
  connectionsFactor: 'idle',
  plan(context) {
    const design = DESIGNS[context.profile];
    const most = Math.max(1, context.probe.fdLimit.soft - spareFds(context.probe));
    const values = allowedValues(context, most, oneEnd(context.probe));
    const idles = values(design.idle);
    const builder = new ServerPlanBuilder(context, 'server');
    const main = builder.group(design.launches, design.rounds);
    const beside = design.launchesBeside === null ? main : builder.group(design.launchesBeside, 1);
    const thousands = builder.group(design.launchesOfThousands, design.rounds);
    const counts = { idles, withNone: context.connections === null, most };
    const asked = pollersOf(design, context);
    const compared = { pollers: asked, listing: asked.filter((name) => listsReady(name, context)) };
    for (const { pollers, ...point } of pointsOf(design, { ...counts, ...compared })) {
      const isAlone = isOfThousands(point) && point.serverPriority === undefined;
      const groups = isBeside(design, point) ? [beside] : isAlone ? [main, thousands] : [main];
      for (const group of groups) for (const poller of pollers) builder.add(group, 'pollcost', poller, point);
    }
    addReferences(builder, design, idles, beside, context.pollers);
    if (context.connections === null) addFew(builder, design, most, context.pollers);
    return builder.plan([...values.warnings, ...unreadable(), ...withoutRealtime(context)]);
  },
  open: openServers,
};

const pollersOf = ({ withNarrow }: ServerDesign, context: PlanContext): readonly PollerName[] =>
  withNarrow ? context.pollers : onePerCall(context, 'widest');

function listsReady(name: PollerName, { probe }: PlanContext): boolean {
  const { blocks = false, scansAll = true, trigger } = probe.pollers[name] ?? {};
  return blocks && !scansAll && trigger === 'level';
}

/** In launches of their own: the others hold thousands. The fewest in many more: in a mean over launches each counts as much as any. */
function addFew(
  builder: ServerPlanBuilder,
  { few, fewest }: ServerDesign,
  most: number,
  pollers: readonly PollerName[],
): void {
  if (few === null || fewest === null || MOST_OF_FEW > most) return;
  const { counts, decides, again, pollers: compared } = FEW_CONNECTIONS;
  const groups = {
    few: builder.group(few.launches, few.rounds),
    fewest: builder.group(fewest.launches, fewest.rounds),
  };
  const ofFewest = few.rounds === fewest.rounds ? [groups.few, groups.fewest] : [groups.fewest];
  for (const connections of counts) {
    const isFewest = connections === decides;
    const point = pointOfFew(connections, (isFewest ? fewest : few).ms);
    for (const group of isFewest ? ofFewest : [groups.few]) {
      for (const poller of compared.filter((name) => pollers.includes(name)))
        builder.add(group, 'pollcost', poller, point);
      if (connections === again.connections && pollers.includes(again.poller))
        builder.add(group, 'pollcost-again', again.poller, point);
    }
  }
}

/** The references, each under what it can wait with, and ours beside each under the same conditions. */
function addReferences(
  builder: ServerPlanBuilder,
  design: ServerDesign,
  idles: readonly number[],
  beside: Group,
  asked: readonly PollerName[],
): void {
  const middle = middleOf(idles);
  const joinsOthers = design.referencesIdle === 'in the middle';
  const counts = joinsOthers ? [middle] : design.referencesIdle;
  for (const idle of counts.filter((count) => count === 0 || idles.includes(count))) {
    const group = joinsOthers
      ? beside
      : builder.group(design.launches, Math.ceil(design.rounds / design.every));
    for (const name of design.references) {
      const { apps, pollers, fileTables } = references[name];
      for (const app of apps.filter((candidate) => candidate === APP || idle === middle)) {
        for (const point of pointsBeside(design, idle, app, fileTables[0] ?? 'shared')) {
          const window = { ...point, every: joinsOthers ? point.every : 1 };
          for (const poller of pollers.filter((candidate) => asked.includes(candidate))) {
            builder.add(group, name, poller, window);
            builder.add(group, 'pollcost', poller, window);
          }
        }
      }
    }
  }
}

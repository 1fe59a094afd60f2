import type { PollerName } from '../../pollers/manifest.js';
import { BEYOND } from '../claims/needs.js';
import type { AcceptHerdProtocol } from '../processes/accept-herd/protocol.js';
import type { Accepting, Sharing } from '../processes/acceptor/protocol.js';
import { type Child, startAcceptHerd } from '../processes/control/parent.js';
import type { PollerFacts } from '../processes/turn-probe/protocol.js';
import type {
  Experiment,
  ExperimentPlan,
  LaunchPlan,
  PlanContext,
  Session,
  SessionSample,
  Step,
  Visit,
} from './experiment.js';
import { onePerCall } from './same-call.js';

interface Design {
  readonly launches: number;
  readonly rounds: number;
  readonly processes: readonly number[];
  readonly connections: number;
  /** The pollers among those that are asked for; absent: one for each call. */
  readonly pollers?: readonly PollerName[];
}

const { processes: FOUR, pollers: JUDGED } = BEYOND.herd;

const DESIGNS: Record<PlanContext['profile'], Design> = {
  quick: { launches: 2, rounds: 1, processes: [FOUR], connections: 100, pollers: JUDGED },
  standard: { launches: 3, rounds: 1, processes: [FOUR], connections: 200, pollers: JUDGED },
  thorough: { launches: 5, rounds: 4, processes: [1, 2, FOUR, 8], connections: 400 },
};

const SHARINGS: readonly Sharing[] = ['level', 'exclusive', 'reuseport'];
/** Between connections: all of a herd have gone to sleep again. */
const GAP_US = 400;

const SECONDS_PER_PROCESS = 0.2;
const SECONDS_PER_CONNECTION = 1e-3;
const SECONDS_BESIDE = 0.03;
const DEADLINE_MS = 30_000;

interface Conditions {
  readonly processes: number;
  readonly sharing: Sharing;
  readonly connections: number;
}

interface Setting {
  readonly processes: number;
}

/**
 * What a connection costs where several processes wait for it on one port. cpuUsPerAccept is the CPU time of all of them;
 * emptyWakeupsPerAccept how often one of them slept and was woken without a connection for it, by the kernel's count of voluntary
 * switches; fairness is Jain's index of what each accepted: 1 where all accepted as many, one over their number where one had all.
 * Connections come one at a time, each when the processes sleep again.
 */
export const acceptHerd: Experiment<Conditions, Setting> = {
  id: 'accept-herd',
  needsLinux: 'its servers run on Linux',
  question:
    'what does a connection cost when several processes wait for it on one port, and whom does it wake?',
  plan(context) {
    const design = DESIGNS[context.profile];
    const visits = pollersOf(design, context).flatMap((poller) =>
      design.processes.flatMap((processes) =>
        SHARINGS.map((sharing): Visit<Conditions> => {
          const skip = reasonToSkip(sharing, context.probe.pollers[poller], context);
          return {
            poller,
            factors: { processes, sharing },
            conditions: { processes, sharing, connections: design.connections },
            series: [skip === undefined ? { name: 'pollcost' } : { name: 'pollcost', skip }],
          };
        }),
      ),
    );
    return { id: 'accept-herd', visits, launches: launchesOf(visits, design), warnings: [] };
  },
  async open(launch, plan) {
    const herd = startAcceptHerd();
    try {
      await herd.request('start', launch.setting, DEADLINE_MS);
      return new HerdSession(herd, plan);
    } catch (error) {
      herd.kill();
      throw error;
    }
  },
};

/** Who never blocks is never woken. */
const pollersOf = ({ pollers }: Design, context: PlanContext): PollerName[] =>
  onePerCall(context, 'widest').filter(
    (name) => (pollers?.includes(name) ?? true) && context.probe.pollers[name]?.blocks,
  );

function reasonToSkip(
  sharing: Sharing,
  facts: PollerFacts | undefined,
  { probe: { loopback } }: PlanContext,
): string | undefined {
  if (!loopback.ok) return loopback.reason;
  if (sharing === 'exclusive' && !facts?.isExclusive)
    return 'it cannot ask that one process alone be woken, as epoll can (EPOLLEXCLUSIVE)';
  return undefined;
}

function launchesOf(
  visits: readonly Visit<Conditions>[],
  { launches, rounds, processes, connections }: Design,
): LaunchPlan<Setting>[] {
  const chosen = [...visits.keys()].filter((index) => visits[index]?.series[0]?.skip === undefined);
  if (chosen.length === 0) return [];
  const most = Math.max(...processes);
  const launch: LaunchPlan<Setting> = {
    rounds,
    visits: chosen,
    setting: { processes: most },
    secondsPerRound: chosen.length * (SECONDS_BESIDE + connections * SECONDS_PER_CONNECTION),
    secondsToStart: (1 + most) * SECONDS_PER_PROCESS,
  };
  return Array.from({ length: launches }, () => launch);
}

class HerdSession implements Session {
  readonly #herd: Child<AcceptHerdProtocol>;
  readonly #plan: ExperimentPlan<Conditions, Setting>;

  constructor(herd: Child<AcceptHerdProtocol>, plan: ExperimentPlan<Conditions, Setting>) {
    this.#herd = herd;
    this.#plan = plan;
  }

  get pid(): number {
    return this.#herd.pid;
  }

  async round(steps: readonly Step[], deadlineMs: number) {
    const samples: SessionSample[] = [];
    for (const { visit } of steps) {
      const { poller, conditions } = this.#plan.visits[visit] as Visit<Conditions>;
      const ask = { poller, ...conditions, gapUs: GAP_US };
      const { processes } = await this.#herd.request('window', ask, deadlineMs);
      samples.push({
        visit,
        series: 'pollcost',
        turns: conditions.connections,
        metrics: metricsOf(processes),
      });
    }
    return { samples };
  }

  end(): Promise<void> {
    return this.#herd.end();
  }
}

function metricsOf(processes: readonly Accepting[]): Record<string, number> {
  const total = (of: (each: Accepting) => number) => processes.reduce((sum, each) => sum + of(each), 0);
  const accepted = total((each) => each.accepted);
  return {
    cpuUsPerAccept: total(({ cpuNs }) => cpuNs) / 1000 / accepted,
    emptyWakeupsPerAccept: total(({ emptyWakeups }) => emptyWakeups) / accepted,
    fairness: accepted ** 2 / (processes.length * total((each) => each.accepted ** 2)),
  };
}

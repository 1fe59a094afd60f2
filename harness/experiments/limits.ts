import { type Child, startProbe } from '../processes/control/parent.js';
import type { ProbeProtocol } from '../processes/turn-probe/protocol.js';
import type {
  Experiment,
  ExperimentPlan,
  LaunchPlan,
  PlanContext,
  Session,
  Step,
  Visit,
} from './experiment.js';

const DEADLINE_MS = 30_000;

/** What is tried: a socket with this number, or (null) a regular file. */
const probes = (highest: number): Record<string, number | null> => ({
  'fd-1023': 1023,
  'fd-1024': 1024,
  'fd-4096': 4096,
  'fd-highest': highest,
  'regular-file': null,
});

interface Conditions {
  /** The number of the socket, or null for a regular file. */
  readonly fd: number | null;
}

export const limits: Experiment<Conditions> = {
  id: 'limits',
  question: 'which fds does each poller accept, and does it report them?',
  plan(context) {
    const visits = Object.entries(probes(context.probe.numbers.last)).flatMap(([probe, fd]) =>
      context.pollers.map(
        (poller): Visit<Conditions> => ({
          poller,
          factors: { probe },
          conditions: { fd },
          series: [seriesOf(fd, context)],
        }),
      ),
    );
    const possible = visits.flatMap(({ series }, index) => (series[0]?.skip === undefined ? [index] : []));
    const launch: LaunchPlan = {
      rounds: 1,
      visits: possible,
      setting: {},
      secondsPerRound: 0.05,
      secondsToStart: 0.3,
    };
    return { id: 'limits', visits, launches: [launch], isCounted: true, warnings: [] };
  },
  async open(_launch, plan) {
    const probe = startProbe();
    try {
      await probe.request('start', { cpu: null, fileTable: 'private', twin: false }, DEADLINE_MS);
      return new LimitsSession(probe, plan);
    } catch (error) {
      probe.kill();
      throw error;
    }
  },
};

function seriesOf(fd: number | null, { probe }: PlanContext): Visit['series'][number] {
  if (fd === null || fd < probe.fdLimit.soft) return { name: 'pollcost' };
  return { name: 'pollcost', skip: `the limit of ${probe.fdLimit.soft} fds does not reach fd ${fd}` };
}

class LimitsSession implements Session {
  readonly #probe: Child<ProbeProtocol>;
  readonly #plan: ExperimentPlan<Conditions>;

  constructor(probe: Child<ProbeProtocol>, plan: ExperimentPlan<Conditions>) {
    this.#probe = probe;
    this.#plan = plan;
  }

  get pid(): number {
    return this.#probe.pid;
  }

  async round(steps: readonly Step[], deadlineMs: number) {
    const samples = [];
    for (const { visit } of steps) {
      const { poller, conditions } = this.#plan.visits[visit] as Visit<Conditions>;
      const { fd } = conditions;
      const { accepted, reported, errno } = await this.#probe.request('limit', { poller, fd }, deadlineMs);
      const metrics = {
        accepted: Number(accepted),
        reported: Number(reported),
        ...(errno !== null && { registerErrno: errno }),
      };
      samples.push({ visit, series: 'pollcost' as const, turns: 1, metrics });
    }
    return { samples };
  }

  end(): Promise<void> {
    return this.#probe.end();
  }
}

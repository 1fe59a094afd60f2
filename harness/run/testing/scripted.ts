import type { Experiment, ExperimentPlan, Session, Step, Visit } from '../../experiments/experiment.js';
import type { SampleLine } from '../../results/samples-schema.js';
import type { RunnerHooks } from '../runner.js';
import type { SampleStore } from '../sample-store.js';

/** An experiment that measures nothing and writes down what is done with it. */

export const visits = [1, 2, 3].map(
  (n): Visit => ({
    poller: 'poll',
    factors: { n },
    conditions: {},
    series: [{ name: 'pollcost' }, { name: 'c-twin' }, { name: 'pollcost-again', skip: 'not here' }],
  }),
);
export const launch = {
  rounds: 2,
  visits: [0, 1, 2],
  setting: {},
  secondsPerRound: 0.01,
  secondsToStart: 0.1,
};
export const plan: ExperimentPlan = { id: 'fake', visits, launches: [launch, launch], warnings: [] };

/** A subject that writes down what is asked of it; `fail` makes a round throw. */
export function scripted(
  log: string[],
  fail: (launch: number, round: number) => Error | null = () => null,
): Experiment {
  let launches = 0;
  return {
    id: 'fake',
    question: 'does the runner keep its promises?',
    plan: () => plan,
    async open(): Promise<Session> {
      const index = launches++;
      let rounds = 0;
      log.push(`open ${index}`);
      return {
        pid: process.pid,
        async round(steps: readonly Step[]) {
          const error = fail(index, rounds++);
          if (error) throw error;
          log.push(`round of ${steps.length}`);
          const samples = steps.flatMap(({ visit, series }) =>
            series.map((name) => ({ visit, series: name, turns: 1, metrics: { cpuNsPerTurn: visit + 1 } })),
          );
          return { samples };
        },
        async end() {
          log.push(`end ${index}`);
        },
      };
    },
  };
}

export function hooks(log: string[], store: SampleStore, stop = new AbortController().signal): RunnerHooks {
  return {
    seed: 1,
    subjectCpu: null,
    record(lines: readonly SampleLine[]) {
      log.push('record');
      store.add(lines);
    },
    advance: () => {},
    isDone: (...visit) => store.hasRound(...visit),
    fullSpeed: () => store.fullSpeed,
    stop,
  };
}

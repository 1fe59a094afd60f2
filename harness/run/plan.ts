import { createHash } from 'node:crypto';
import type { ExperimentPlan, LaunchPlan, Step, Visit } from '../experiments/experiment.js';
import { cellId } from '../results/cell-id.js';
import type { Profile, Series } from '../results/run-schema.js';
import { randomFrom, seedFrom, shuffled } from '../statistics/random.js';

/** Everything that decides what is measured and in which order. */
export interface RunPlan {
  readonly profile: Profile;
  readonly seed: number;
  readonly experiments: readonly ExperimentPlan[];
  /** The text of a user's own pollers, by name: one that was changed in between is another one. */
  readonly own?: Readonly<Record<string, string>>;
}

/** Where the load goes is found anew each time. */
const withoutCpus = (name: string, value: unknown) => (name === 'cpus' ? undefined : value);

/** The same hash means the same cells, launches, rounds and orders. */
export function hashOf({ profile, seed, experiments, own }: RunPlan): string {
  const essence = experiments.map(({ id, visits, launches }) => ({
    id,
    visits,
    launches: launches.map(({ rounds, visits: chosen, every, setting }) => ({
      rounds,
      chosen,
      every,
      setting,
    })),
  }));
  return `sha256:${createHash('sha256').update(JSON.stringify({ profile, seed, essence, own }, withoutCpus)).digest('hex')}`;
}

export const secondsOf = ({ launches }: ExperimentPlan): number =>
  launches.reduce((sum, launch) => sum + launch.secondsToStart + launch.rounds * launch.secondsPerRound, 0);

export const roundsOf = ({ launches }: ExperimentPlan): number =>
  launches.reduce((sum, { rounds }) => sum + rounds, 0);

/** The plan with at most so many launches of each kind; launches of one kind make the same visits. */
export function withFewerLaunches(plan: ExperimentPlan, most = Number.POSITIVE_INFINITY): ExperimentPlan {
  const made = new Map<string, number>();
  const launches = plan.launches.filter(({ visits }) => {
    const kind = JSON.stringify(visits);
    const count = (made.get(kind) ?? 0) + 1;
    made.set(kind, count);
    return count <= most;
  });
  return { ...plan, launches };
}

/**
 * The plan whose launches have as many rounds as fit into so many seconds, where they have fewer. With `cells` the seconds are for
 * these: a launch that is longer for them measures the others in its first round alone, and one without them stays as it is. What is
 * counted comes out the same however often.
 */
export function withLongerLaunches(
  plan: ExperimentPlan,
  seconds = 0,
  cells?: ReadonlySet<string>,
): ExperimentPlan {
  if (plan.isCounted) return plan;
  const decides = (index: number) => {
    const visit = plan.visits[index] as Visit;
    return !cells || measuredSeries(visit).some((series) => cells.has(cellIdOf(plan, visit, series)));
  };
  const launches = plan.launches.map((launch) =>
    longer(plan, launch, seconds, launch.visits.filter(decides)),
  );
  return { ...plan, launches };
}

function longer(
  { secondsOfVisits: ofVisits }: ExperimentPlan,
  launch: LaunchPlan,
  seconds: number,
  deciding: readonly number[],
): LaunchPlan {
  const secondsOf = (visits: readonly number[]) => secondsOfRound(launch, visits, ofVisits);
  const perRound = secondsOf(deciding);
  const rounds = deciding.length === 0 ? 0 : Math.floor(seconds / perRound);
  if (rounds <= timesMade(launch, deciding)) return launch;
  const others = launch.visits.filter((index) => !deciding.includes(index));
  const { every: _, ...inEach } = launch;
  return {
    ...inEach,
    rounds,
    ...(others.length > 0 && { every: Object.fromEntries(others.map((index) => [index, rounds])) }),
    secondsPerRound: perRound + secondsOf(others) / rounds,
  };
}

/** How often a launch makes the one of these visits that it makes most. */
export const timesMade = ({ rounds, every }: LaunchPlan, visits: readonly number[]): number =>
  Math.max(0, ...visits.map((visit) => Math.ceil(rounds / (every?.[visit] ?? 1))));

/** Those that this round of a launch makes. */
const visitsIn = ({ visits, every }: LaunchPlan, round: number): number[] =>
  visits.filter((visit) => round % (every?.[visit] ?? 1) === 0);

/** What this round of a launch is planned to take: those that make what is made seldom take longer than the rest. */
export function secondsIn(plan: ExperimentPlan, launch: number, round: number): number {
  const planned = plan.launches[launch] as LaunchPlan;
  if (planned.every === undefined) return planned.secondsPerRound;
  return secondsOfRound(planned, visitsIn(planned, round), plan.secondsOfVisits);
}

/** Of these visits of a launch, all of them made; `ofVisits`: what its plan says that each takes. */
export const secondsOfRound = (
  { visits: all, secondsPerRound, secondsOfVisits: ofLaunch }: LaunchPlan,
  visits: readonly number[],
  ofVisits = ofLaunch,
): number =>
  ofVisits === undefined
    ? (secondsPerRound * visits.length) / all.length
    : visits.reduce((sum, visit) => sum + (ofVisits[visit] ?? 0), 0);

/**
 * All launches in the order in which they are made: those of each experiment spread evenly over the run however many it
 * has.
 */
export function launchesInTurns(plans: readonly ExperimentPlan[]): { experiment: number; launch: number }[] {
  return plans
    .flatMap(({ launches }, experiment) =>
      launches.map((_, launch) => ({ experiment, launch, at: (launch + 0.5) / launches.length })),
    )
    .sort((a, b) => a.at - b.at)
    .map(({ experiment, launch }) => ({ experiment, launch }));
}

/** The steps of one round: visits and their series in an order that the seed decides. */
export function stepsOf(plan: ExperimentPlan, seed: number, launch: number, round: number): Step[] {
  const random = randomFrom(seedFrom(seed, plan.id, launch, round));
  return shuffled(visitsIn(plan.launches[launch] as LaunchPlan, round), random).map((visit) => ({
    visit,
    series: shuffled(measuredSeries(plan.visits[visit] as Visit), random),
  }));
}

const measuredSeries = ({ series }: Visit): Series[] =>
  series.filter(({ skip }) => skip === undefined).map(({ name }) => name);

export const cellIdOf = ({ id }: ExperimentPlan, { poller, factors }: Visit, series: Series): string =>
  cellId(id, poller, series, factors);

import type { ExperimentPlan, LaunchPlan } from '../experiments/experiment.js';
import type { Look, Profile } from '../results/run-schema.js';
import { cellIdOf } from './plan.js';

/**
 * Which launches a first look at the verdicts adds: of the cells that decide what is open, in the time that is left. A verdict that
 * is sure has none.
 */

/** Of both looks together, an interval misses as seldom as one at 95 % does (Bonferroni). */
export const LEVEL_OF_TWO = 0.975;
/** A run of all experiments takes no longer, with its start and its report. */
export const SECONDS_IN_ALL: Readonly<Record<Profile, number>> = { quick: 74, standard: 268, thorough: 1800 };
/** Judging, fitting and writing the report. */
const SECONDS_TO_END = 3;
/** What more rounds may take where few experiments run, as a share of what their planned ones took. */
const MOST_MORE = 0.25;
/** More are made of a launch until they take as long as its start. */
const MOST_ROUNDS = 12;
/** What is not known of a launch beforehand. */
const SPARE = 1.2;

type More = Look['more'][number];

/** How long more rounds may take. */
export const secondsForMore = (profile: Profile, soFar: number): number =>
  Math.max(0, Math.min(soFar * MOST_MORE, SECONDS_IN_ALL[profile] - soFar - SECONDS_TO_END));

/**
 * The time in equal parts for the claims that are open, given by the cells that decide each; what one leaves goes to those after
 * it. Launches are made like the planned ones of their experiment, of the visits that decide alone.
 */
export function moreFor(
  plans: readonly ExperimentPlan[],
  open: readonly (readonly string[])[],
  seconds: number,
): More[] {
  const kinds = open.flatMap((cells) => kindsOf(plans, new Set(cells)));
  let left = seconds;
  return merged(
    kinds.flatMap((kind, at): More[] => {
      const share = left / (kinds.length - at);
      const made = launchesIn(kind, share);
      if (made === null) return [];
      left -= made.seconds;
      return [made];
    }),
  );
}

/** A kind of launch, and the visits of it that decide. */
interface Kind {
  readonly plan: ExperimentPlan;
  readonly like: number;
  readonly visits: readonly number[];
}

function kindsOf(plans: readonly ExperimentPlan[], cells: ReadonlySet<string>): Kind[] {
  return plans.flatMap((plan) => {
    const kinds = new Map<number, number[]>();
    for (const [index, visit] of plan.visits.entries()) {
      if (!visit.series.some(({ name }) => cells.has(cellIdOf(plan, visit, name)))) continue;
      const like = plan.launches.findIndex(({ visits }) => visits.includes(index));
      if (like !== -1) kinds.set(like, [...(kinds.get(like) ?? []), index]);
    }
    return [...kinds].map(([like, visits]) => ({ plan, like, visits }));
  });
}

/** As many launches as the time allows; null for none. */
function launchesIn({ plan, like, visits }: Kind, seconds: number): More | null {
  const launch = plan.launches[like] as LaunchPlan;
  const share = visits.length / launch.visits.length;
  const perRound = Math.max(0.001, launch.secondsPerRound * share) * SPARE;
  const toStart = launch.secondsToStart * SPARE;
  const wanted = Math.max(launch.rounds, Math.ceil(toStart / perRound));
  const affordable = Math.floor((seconds - toStart) / perRound);
  const rounds = Math.min(MOST_ROUNDS, wanted, affordable);
  if (rounds < 1) return null;
  const each = toStart + rounds * perRound;
  const launches = Math.max(1, Math.floor(seconds / each));
  return { experiment: plan.id, like, visits: [...visits], launches, rounds, seconds: launches * each };
}

/** What several claims ask of the same launches is made once. */
function merged(all: readonly More[]): More[] {
  const kinds = new Map<string, More>();
  for (const more of all) {
    const key = `${more.experiment} ${more.like}`;
    const other = kinds.get(key);
    kinds.set(
      key,
      other === undefined
        ? more
        : {
            ...more,
            visits: [...new Set([...other.visits, ...more.visits])].sort((a, b) => a - b),
            launches: other.launches + more.launches,
            rounds: Math.min(other.rounds, more.rounds),
            seconds: other.seconds + more.seconds,
          },
    );
  }
  return [...kinds.values()];
}

/** The plan with the launches that were added to it. */
export function withMore(plan: ExperimentPlan, added: readonly More[]): ExperimentPlan {
  const launches = added
    .filter(({ experiment }) => experiment === plan.id)
    .flatMap(({ like, visits, launches: count, rounds }) => {
      const { every: _, ...launch } = plan.launches[like] as LaunchPlan;
      const share = visits.length / launch.visits.length;
      const more = { ...launch, visits, rounds, secondsPerRound: launch.secondsPerRound * share };
      return Array.from({ length: count }, (): LaunchPlan => more);
    });
  return { ...plan, launches: [...plan.launches, ...launches] };
}

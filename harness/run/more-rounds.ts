import type { Judged } from '../claims/judge.js';
import type { ExperimentPlan, LaunchPlan, Visit } from '../experiments/experiment.js';
import { cellId } from '../results/cell-id.js';
import { overName } from '../results/effect-factors.js';
import type { Effect, Factors, Look, Profile, Series } from '../results/run-schema.js';
import { cellIdOf, secondsOfRound, timesMade } from './plan.js';

/**
 * Which launches a first look at the verdicts adds: of the cells that decide what is open, in the time that is left. A verdict that
 * is sure has none.
 */

/** Of both looks together, an interval misses as seldom as one at 95 % does (Bonferroni). */
export const LEVEL_OF_TWO = 0.975;
/** A run of all experiments takes no longer, with its start and its report. */
export const SECONDS_IN_ALL: Readonly<Record<Profile, number>> = { quick: 71, standard: 261, thorough: 1800 };
/** What goes before the first launch, and judging, fitting and writing the report. */
const SECONDS_BESIDE = 9;
/** What more rounds may take where few experiments run, as a share of what their planned ones took. */
const MOST_MORE = 0.3;
/** More are made of a launch until they take as long as its start. */
const MOST_ROUNDS = 12;
/** What is not known beforehand of a launch whose batches take as long as the core needs. */
const SPARE = 1.2;
/** From the last round of a launch to the first of one that was made ready beside it. */
const SECONDS_BETWEEN = 0.25;
/** So many standard errors reach from a value to an end of its interval, at `LEVEL_OF_TWO`; of few launches more do. */
const ERRORS_TO_END = 2.24;

type More = Look['more'][number];

/** Of the time of a run, what the planned launches may take: they leave some for what they leave open. */
const SHARE_OF_PLAN = 0.87;
/** Of what they are planned to take: a plan that fills the time leaves little of it for what is made again. */
const LEAST_OF_PLAN = 1.02;

/** How long the launches up to the first look may take; a plan of so many seconds may be longer than that by itself. */
export function secondsForPlan(profile: Profile, planned: number): number {
  const inAll = SECONDS_IN_ALL[profile] - SECONDS_BESIDE;
  return Math.min(inAll, Math.max(LEAST_OF_PLAN * planned, SHARE_OF_PLAN * inAll));
}

/** How long more rounds may take. */
export const secondsForMore = (profile: Profile, soFar: number): number =>
  Math.max(0, Math.min(soFar * MOST_MORE, SECONDS_IN_ALL[profile] - soFar - SECONDS_BESIDE));

/** A claim that the first look left open. */
export interface OpenClaim {
  /** Those that decide it. */
  readonly cells: readonly string[];
  /** How many times as many launches would decide it, as far as its figures can tell; Infinity: none would. */
  readonly effort: number;
  /** Whether it is of the document that the run is held against, not one beyond it. */
  readonly isOfDocument: boolean;
}

/** Asks for no launch more: one is made. */
const LEAST_EFFORT = 1;
/** Where too few rounds counted: as many launches again as were planned. */
const AS_MANY_AGAIN = 2;

/**
 * What a judged claim left open; null where it is sure, or more rounds would not help. Where no interval is astride, too few rounds
 * counted: those in which the generator was late, or the only launch that was left. There as many again are made.
 */
export function openClaim({ claim, open, wanted }: Judged): OpenClaim | null {
  const isOfDocument = claim.source !== 'asked';
  if (open.length === 0) {
    if (claim.verdict !== 'undecided' || claim.kind !== 'measured') return null;
    const cells = claim.effects
      .filter(({ decides }) => decides)
      .flatMap(({ factors }) => cellsUnder(factors));
    return cells.length === 0 ? null : { cells, effort: AS_MANY_AGAIN, isOfDocument };
  }
  const efforts = wanted.length > 0 ? wanted.map(effortOfWanted) : claim.effects.map(effortOf);
  const effort = Math.max(LEAST_EFFORT, ...efforts);
  return { cells: open, effort, isOfDocument };
}

/** Of one that lies beyond its limit and yet decides nothing, how far its joint interval reaches is not known. */
const effortOfWanted = (effect: Effect): number => effortOf(effect) || AS_MANY_AGAIN;

/** The cells that were measured under an effect's conditions: one, or the two that it compares, as `comparedConditions` says them. */
function cellsUnder(conditions: Factors): string[] {
  const ofSecond = new Set(Object.keys(conditions).map(overName));
  const first = Object.entries(conditions).filter(([name]) => !ofSecond.has(name));
  const second = first.map(([name, value]) => [name, conditions[overName(name)] ?? value] as const);
  return [...new Set([first, second].map((factors) => cellOf(Object.fromEntries(factors))))];
}

/** Which quantity of a cell it is leaves the cell the same. */
const cellOf = ({ experiment, poller, series, quantity: _, ...factors }: Factors): string =>
  cellId(String(experiment), String(poller), series as Series, factors);

/**
 * How many times as many launches would move the ends of an interval off the limits that it lies astride, if its value came nearer to
 * them by a standard error: its width falls with their square root. One that is nearer than that has no such number.
 */
function effortOf({ value, low, high, limits }: Effect): number {
  const astride = [limits?.from, limits?.to].filter(
    (limit): limit is number => limit !== undefined && low <= limit && limit <= high,
  );
  const widths = astride.map((limit) => {
    const toEnd = value < limit ? high - value : value - low;
    return toEnd / Math.max(0, Math.abs(limit - value) - toEnd / ERRORS_TO_END);
  });
  return Math.max(0, ...widths) ** 2;
}

/**
 * The time for the claims that are open: those of the document share it, the ones first that it decides soonest; those beyond it share
 * what these leave. Each has what it takes to decide it, as far as an equal part of the time goes; what one leaves goes to those
 * after it. Launches are made like the planned ones of their experiment, of the visits that decide alone. `isMadeBeside`: one that
 * leaves room on the load's CPU has the next one made ready there.
 */
export function moreFor(
  plans: readonly ExperimentPlan[],
  open: readonly OpenClaim[],
  seconds: number,
  isMadeBeside = false,
): More[] {
  const shared = (claims: readonly OpenClaim[], time: number) => sharedOut(plans, claims, time, isMadeBeside);
  const ofDocument = shared(
    open.filter(({ isOfDocument }) => isOfDocument),
    seconds,
  );
  const left = seconds - ofDocument.reduce((sum, more) => sum + more.seconds, 0);
  const beyond = shared(
    open.filter(({ isOfDocument }) => !isOfDocument),
    left,
  );
  return merged([...ofDocument, ...beyond]);
}

function sharedOut(
  plans: readonly ExperimentPlan[],
  open: readonly OpenClaim[],
  seconds: number,
  isMadeBeside: boolean,
): More[] {
  const kinds = open
    .toSorted((a, b) => a.effort - b.effort)
    .flatMap(({ cells, effort }) => kindsOf(plans, new Set(cells)).map((kind) => ({ kind, effort })));
  let left = seconds;
  return kinds.flatMap(({ kind, effort }, at): More[] => {
    const share = left / (kinds.length - at);
    // One launch that does not fit its share is better than none, and than what others make of it beyond what they need.
    const made =
      launchesIn(kind, share, effort, isMadeBeside) ?? launchesIn(kind, left, LEAST_EFFORT, isMadeBeside);
    if (made === null) return [];
    left -= made.seconds;
    return [made];
  });
}

/** A kind of launch, the visits of it that decide, and how many planned launches make all of these. */
interface Kind {
  readonly plan: ExperimentPlan;
  readonly like: number;
  readonly visits: readonly number[];
  readonly planned: number;
}

/**
 * Launches that make as many of the visits together as any does, until there are all: what is compared shares its launches. Of those
 * that make the same ones the soonest to start. What two copies of a cell differ by widens its intervals: both are made.
 */
function kindsOf(plans: readonly ExperimentPlan[], cells: ReadonlySet<string>): Kind[] {
  return plans.flatMap((plan) => {
    const decides = (visit: Visit) =>
      visit.series.some(({ name }) =>
        cells.has(cellIdOf(plan, visit, name === 'pollcost-again' ? 'pollcost' : name)),
      );
    let left = plan.visits.flatMap((visit, index) => (decides(visit) ? [index] : []));
    const kinds: Kind[] = [];
    while (left.length > 0) {
      const made = plan.launches.map(({ visits }) => left.filter((index) => visits.includes(index)));
      const most = Math.max(0, ...made.map(({ length }) => length));
      if (most === 0) break;
      const candidates = [...made.keys()].filter((at) => made[at]?.length === most);
      const toStart = (at: number) => plan.launches[at]?.secondsToStart ?? 0;
      const like = candidates.reduce((best, at) => (toStart(at) < toStart(best) ? at : best));
      const visits = made[like] as number[];
      const planned = made.filter((each) => visits.every((index) => each.includes(index))).length;
      kinds.push({ plan, like, visits, planned });
      left = left.filter((index) => !visits.includes(index));
    }
    return kinds;
  });
}

/**
 * As many launches as the time allows, and no more than this effort asks for; null for none. Where time is left that is too short for
 * another one, it goes into rounds of these.
 */
function launchesIn(
  { plan, like, visits, planned }: Kind,
  seconds: number,
  effort: number,
  isMadeBeside: boolean,
): More | null {
  const launch = plan.launches[like] as LaunchPlan;
  const spare = plan.isTimed ? 1 : SPARE;
  const perRound = Math.max(0.001, secondsOfRound(launch, visits, plan.secondsOfVisits)) * spare;
  const toStart = launch.secondsToStart * spare;
  const wanted = Math.max(timesMade(launch, visits), Math.ceil(toStart / perRound));
  const affordable = Math.floor((seconds - toStart) / perRound);
  const least = Math.min(MOST_ROUNDS, wanted, affordable);
  if (least < 1) return null;
  const isBeside = isMadeBeside && launch.overlap?.leavesRoom === true;
  const takenBy = (launches: number, rounds: number) => {
    const first = toStart + rounds * perRound;
    const next = isBeside ? SECONDS_BETWEEN + Math.max(toStart, rounds * perRound) : first;
    return first + (launches - 1) * next;
  };
  const needed = Math.ceil(planned * (effort - 1));
  const another = takenBy(2, least) - takenBy(1, least);
  const fitting = 1 + Math.floor((seconds - takenBy(1, least)) / another);
  const launches = Math.max(1, Math.min(needed, fitting));
  let rounds = least;
  if (launches < needed) while (rounds < MOST_ROUNDS && takenBy(launches, rounds + 1) <= seconds) rounds++;
  const takes = takenBy(launches, rounds);
  return { experiment: plan.id, like, visits: [...visits], launches, rounds, seconds: takes };
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
      const more = {
        ...launch,
        visits,
        rounds,
        secondsPerRound: secondsOfRound(launch, visits, plan.secondsOfVisits),
      };
      return Array.from({ length: count }, (): LaunchPlan => more);
    });
  return { ...plan, launches: [...plan.launches, ...launches] };
}

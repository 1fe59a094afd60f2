import type { Session, SessionRound, SessionSample, Step } from '../experiments/experiment.js';
import { areAtFullSpeed, type FullSpeed } from '../statistics/full-speed.js';

/** A batch that is not at full speed is made again, at most this often within its round. */
export const MOST_AGAIN = 5;
/** What making batches again may take, as a share of the time that an experiment's rounds take. */
export const SHARE_AGAIN = 0.25;
/** What of it is taken however late the run is, where batches are short: what is never at full speed decides nothing. */
export const SHARE_AT_LEAST = 0.1;

/** What an experiment may make again, beside a share of its time. */
export interface Leave {
  /** How many launches make a visit; absent: all as many. */
  readonly planned?: (visit: number) => number;
  /** Seconds that the run has to spare; absent: it takes as long as it takes. */
  readonly secondsToSpare?: () => number;
  /** Of the time that its rounds take, however late the run is. */
  readonly shareAtLeast?: number;
}

/**
 * Makes batches again that were not at full speed. What a calm round leaves of the time is for those after it, as far as the run's own
 * time goes.
 */
export class Again {
  readonly #fullSpeed: () => FullSpeed | null;
  readonly #planned: (visit: number) => number;
  readonly #secondsToSpare: () => number;
  readonly #shareAtLeast: number;
  #secondsLeft = 0;
  #secondsAtLeast = 0;
  /** In how many launches, and in how many rounds of this one, each series of a visit has been at full speed. */
  readonly #launches = new Map<string, number>();
  readonly #rounds = new Map<string, number>();

  /** `fullSpeed`: what the run knows of it by now; null: nothing can be told apart yet. */
  constructor(
    fullSpeed: () => FullSpeed | null,
    {
      planned = () => 1,
      secondsToSpare = () => Number.POSITIVE_INFINITY,
      shareAtLeast = SHARE_AT_LEAST,
    }: Leave = {},
  ) {
    this.#fullSpeed = fullSpeed;
    this.#planned = planned;
    this.#secondsToSpare = secondsToSpare;
    this.#shareAtLeast = shareAtLeast;
  }

  /** A launch is the unit of all figures: what this one has not seen at full speed counts for nothing of it. */
  startLaunch(): void {
    this.#rounds.clear();
  }

  /**
   * Repeats the series of a round that were not at full speed in it, until all were, or the time is used up. What was slow is
   * kept beside.
   */
  async complete(session: Session, round: SessionRound, seconds: number, deadlineMs: number, seed: number) {
    this.#secondsLeft += seconds * SHARE_AGAIN;
    this.#secondsAtLeast += seconds * this.#shareAtLeast;
    const secondsEach = seconds / Math.max(1, round.samples.length);
    let slow = this.#slowIn(round.samples);
    let made = round;
    for (let time = 0; time < MOST_AGAIN && slow.length > 0; time++) {
      const left = Math.max(0, this.#secondsAtLeast, Math.min(this.#secondsLeft, this.#secondsToSpare()));
      const affordable = this.#neediest(slow).slice(0, Math.floor(left / secondsEach));
      if (affordable.length === 0) break;
      const started = performance.now();
      const again = await session.round(stepsOf(affordable), deadlineMs, seed);
      const took = (performance.now() - started) / 1000;
      this.#secondsLeft -= took;
      this.#secondsAtLeast -= took;
      made = together(made, again);
      slow = this.#slowIn(made.samples);
    }
    this.#count(made.samples);
    return made;
  }

  /**
   * Time is short: what this launch has not seen at full speed comes first, of that what the fewest launches have, and of that what the
   * fewest can.
   */
  #neediest(slow: readonly SessionSample[]): SessionSample[] {
    const made = (times: ReadonlyMap<string, number>, sample: SessionSample) => times.get(keyOf(sample)) ?? 0;
    return [...slow].sort(
      (a, b) =>
        made(this.#rounds, a) - made(this.#rounds, b) ||
        made(this.#launches, a) - made(this.#launches, b) ||
        this.#planned(a.visit) - this.#planned(b.visit),
    );
  }

  #count(samples: readonly SessionSample[]): void {
    for (const key of this.#reachedIn(samples) ?? []) {
      if (!this.#rounds.has(key)) this.#launches.set(key, (this.#launches.get(key) ?? 0) + 1);
      this.#rounds.set(key, (this.#rounds.get(key) ?? 0) + 1);
    }
  }

  /** The first sample of each series that none of these is at full speed of. */
  #slowIn(samples: readonly SessionSample[]): SessionSample[] {
    const reached = this.#reachedIn(samples);
    if (reached === null) return [];
    const slow = new Map<string, SessionSample>();
    for (const sample of samples) {
      const key = keyOf(sample);
      if (!sample.isMadeOnce && !reached.has(key) && !slow.has(key)) slow.set(key, sample);
    }
    return [...slow.values()];
  }

  /** Null where nothing is known. What no speed was read of cannot be made again for it. */
  #reachedIn(samples: readonly SessionSample[]): ReadonlySet<string> | null {
    const full = this.#fullSpeed();
    if (full === null) return null;
    const are = areAtFullSpeed(
      samples.map(({ speed }) => speed),
      full,
    );
    return new Set(samples.filter((_, at) => are[at]).map(keyOf));
  }
}

const keyOf = ({ visit, series }: SessionSample): string => `${visit} ${series}`;

/** In the order in which they were made. */
function stepsOf(samples: readonly SessionSample[]): Step[] {
  const visits = new Map<number, SessionSample['series'][]>();
  for (const { visit, series } of samples) visits.set(visit, [...(visits.get(visit) ?? []), series]);
  return [...visits].map(([visit, series]) => ({ visit, series }));
}

function together(first: SessionRound, again: SessionRound): SessionRound {
  const switches = again.involuntarySwitches;
  return {
    ...first,
    samples: [...first.samples, ...again.samples],
    ...(switches !== undefined && { involuntarySwitches: (first.involuntarySwitches ?? 0) + switches }),
    readings: [...(first.readings ?? []), ...(again.readings ?? [])],
    flags: [...(first.flags ?? []), ...(again.flags ?? [])],
  };
}

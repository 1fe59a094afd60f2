import type { Session, SessionRound, SessionSample, Step } from '../experiments/experiment.js';
import { type FullSpeed, isAtFullSpeed } from '../statistics/full-speed.js';

/** A batch that is not at full speed is made again, at most this often within its round. */
export const MOST_AGAIN = 5;
/** What making batches again may take, as a share of the time that an experiment's rounds take. */
export const SHARE_AGAIN = 0.25;

/** Makes batches again that were not at full speed. What a calm round leaves of the time is for those after it. */
export class Again {
  readonly #fullSpeed: () => FullSpeed | null;
  #secondsLeft = 0;
  /** In how many rounds each series of a visit has been at full speed. */
  readonly #rounds = new Map<string, number>();

  /** `fullSpeed`: what the run knows of it by now; null: nothing can be told apart yet. */
  constructor(fullSpeed: () => FullSpeed | null) {
    this.#fullSpeed = fullSpeed;
  }

  /**
   * Repeats the steps of a round of which the last sample was not at full speed, the slow series alone, until all were, or the
   * time is used up. What was slow is kept beside.
   */
  async complete(session: Session, round: SessionRound, seconds: number, deadlineMs: number, seed: number) {
    this.#secondsLeft += seconds * SHARE_AGAIN;
    const secondsEach = seconds / Math.max(1, round.samples.length);
    let slow = this.#slowIn(round.samples);
    let made = round;
    for (let time = 0; time < MOST_AGAIN && slow.length > 0; time++) {
      const affordable = this.#neediest(slow).slice(0, Math.floor(this.#secondsLeft / secondsEach));
      if (affordable.length === 0) break;
      const started = performance.now();
      const again = await session.round(stepsOf(affordable), deadlineMs, seed);
      this.#secondsLeft -= (performance.now() - started) / 1000;
      made = together(made, again);
      slow = this.#slowIn(again.samples);
    }
    this.#count(made.samples);
    return made;
  }

  /** What was at full speed in the fewest rounds comes first: time is short, and a figure needs several of them. */
  #neediest(slow: readonly SessionSample[]): SessionSample[] {
    const rounds = (sample: SessionSample) => this.#rounds.get(keyOf(sample)) ?? 0;
    return [...slow].sort((a, b) => rounds(a) - rounds(b));
  }

  #count(samples: readonly SessionSample[]): void {
    const full = this.#fullSpeed();
    if (full === null) return;
    const reached = samples.filter(({ speed }) => speed !== undefined && isAtFullSpeed(speed, full));
    for (const key of new Set(reached.map(keyOf))) this.#rounds.set(key, (this.#rounds.get(key) ?? 0) + 1);
  }

  #slowIn(samples: readonly SessionSample[]): SessionSample[] {
    const full = this.#fullSpeed();
    if (full === null) return [];
    return samples.filter(({ speed }) => speed !== undefined && !isAtFullSpeed(speed, full));
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

/** How far behind a run may be at any time, as a share of its plan: its first launches calibrate. */
const GRACE = 0.02;

/**
 * Keeps a run within its time on a machine where much has to be made again: what may be spent on that is spread over the run as its
 * plan is.
 */
export class Pace {
  /** Of the run for each second of its plan; null: it has no time to keep. */
  readonly #perPlanned: number | null;
  readonly #graceSeconds: number;
  readonly #secondsNow: () => number;
  #planned = 0;

  /**
   * The plan takes `planned` seconds and may take `most`; one that is longer than that has no time to keep. `secondsNow`: since it
   * began.
   */
  constructor(planned: number, most: number, secondsNow: () => number) {
    const isToKeep = planned > 0 && planned <= most && Number.isFinite(most);
    this.#perPlanned = isToKeep ? most / planned : null;
    this.#graceSeconds = GRACE * planned;
    this.#secondsNow = secondsNow;
  }

  /** So many seconds of the plan have been made. */
  made(seconds: number): void {
    this.#planned += seconds;
  }

  get secondsToSpare(): number {
    if (this.#perPlanned === null) return Number.POSITIVE_INFINITY;
    return this.#planned * this.#perPlanned + this.#graceSeconds - this.#secondsNow();
  }
}

import pidusage from 'pidusage';

export interface TimelinePoint {
  /** Since the timeline began. */
  readonly atMs: number;
  /** CPUs that the process kept busy since the point before; by ticks of 10 ms, so for people only. */
  readonly cores: number;
  readonly residentBytes: number;
}

const EVERY_MS = 1000;
/**
 * pidusage keeps a file open for each process, and closes it when it has not been asked for this long. It must not be 0
 * (it would call itself until there are no fds left), and `clear()` would forget the files without closing them.
 */
const FORGET_AFTER_MS = 10_000;
/** The process has ended. */
const GONE = ['ENOENT', 'ESRCH'];

/** What a process uses, once a second: a picture for people; figures come from schedstat. */
export class Timeline {
  readonly #pid: number;
  readonly #started = performance.now();
  readonly #timer: NodeJS.Timeout;
  #points: TimelinePoint[] = [];
  #isFirst = true;
  #failure: Error | null = null;

  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => void this.#look(), EVERY_MS).unref();
    void this.#look();
  }

  /** The points since the last time they were taken. @throws Error when pidusage failed on a process that lives */
  take(): TimelinePoint[] {
    if (this.#failure) throw this.#failure;
    const points = this.#points;
    this.#points = [];
    return points;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      const { cpu, memory } = await pidusage(this.#pid, { maxage: FORGET_AFTER_MS });
      // The first answer knows no time before: its CPU is always 0.
      if (!this.#isFirst) {
        const atMs = Math.round(performance.now() - this.#started);
        this.#points.push({ atMs, cores: Math.round(cpu * 100) / 10_000, residentBytes: memory });
      }
      this.#isFirst = false;
    } catch (error) {
      this.end();
      if (!GONE.includes((error as NodeJS.ErrnoException).code ?? '')) this.#failure = error as Error;
    }
  }
}

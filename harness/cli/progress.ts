import type { WriteStream } from 'node:tty';
import type cliProgress from 'cli-progress';
import type { Experiment, ExperimentPlan } from '../experiments/experiment.js';
import type { Warning } from '../results/run-schema.js';
import { secondsOf } from '../run/plan.js';
import { plannedSeconds } from '../run/planned-bench.js';
import { wrapped } from './wrap.js';

const SECONDS_BETWEEN_LINES = 10;
const USUAL_COLUMNS = 80;
const WIDEST_BAR = 30;

/**
 * Shows how far a run is: a bar with the time left on a terminal, a line now and then elsewhere. The bar changes no mode
 * of the terminal, so that there is none to restore, however the program ends.
 */
export class Progress {
  readonly #stream: WriteStream;
  readonly #bars: cliProgress.MultiBar | null;
  #bar: cliProgress.SingleBar | null = null;
  #total = 0;
  #done = 0;
  #started = 0;
  #lastLine = 0;
  #stage = '';
  #plans: readonly ExperimentPlan[] = [];
  readonly #introduced = new Set<string>();

  /** On a terminal with a bar, which is loaded there only. */
  static async on(stream: WriteStream): Promise<Progress> {
    const hasBar = stream.isTTY && process.env.TERM !== 'dumb';
    return new Progress(stream, hasBar ? (await import('cli-progress')).default.MultiBar : null);
  }

  private constructor(stream: WriteStream, MultiBar: typeof cliProgress.MultiBar | null) {
    this.#stream = stream;
    // With a single bar, lines that are printed while it runs would go when it goes.
    this.#bars =
      MultiBar &&
      new MultiBar({
        stream,
        format: () => this.#drawing(),
        hideCursor: false,
        linewrap: true,
        clearOnComplete: true,
        stopOnComplete: false,
        gracefulExit: false,
        // Also where it says the same as before: lines above have taken its place.
        forceRedraw: true,
        fps: 4,
      });
  }

  /** Prints lines, above the bar where there is one. */
  say(text: string): void {
    const lines = text.split('\n');
    const printed = this.#stream.isTTY ? lines.flatMap((line) => wrapped(line, this.#columns)) : lines;
    const block = `${printed.join('\n')}\n`;
    if (!this.#bars || !this.#bar) {
      this.#stream.write(block);
      return;
    }
    this.#bars.log(block);
    // Now: what waits for the next drawing is lost when the bar goes before.
    this.#bars.update();
  }

  started(folder: string, plans: readonly ExperimentPlan[]): void {
    this.#plans = plans;
    this.#total = plannedSeconds(plans);
    this.#started = performance.now();
    this.say(`about ${Math.ceil(this.#total)} s; writing ${folder}`);
    this.#bar = this.#bars?.create(1, 0) ?? null;
  }

  /** Experiments take turns: each is introduced once, and the stage says how far it is. */
  launch({ id, question }: Pick<Experiment, 'id' | 'question'>, launch: number, launches: number): void {
    this.#stage = launches === 1 ? id : `${id} ${launch + 1}/${launches}`;
    if (this.#introduced.has(id)) return;
    this.#introduced.add(id);
    const plan = this.#plans.find((candidate) => candidate.id === id);
    const seconds = plan ? `, about ${Math.ceil(secondsOf(plan))} s` : '';
    const spread = launches === 1 ? '' : ` in ${launches} launches`;
    this.say(`${id}: ${question}${this.#bar ? '' : `${seconds}${spread}`}`);
  }

  /** The bar draws itself anew several times a second. */
  advance(plannedSeconds: number): void {
    this.#done += plannedSeconds;
    if (!this.#bar && this.#seconds() - this.#lastLine >= SECONDS_BETWEEN_LINES) {
      this.#lastLine = this.#seconds();
      this.say(`${this.#stage}: ${this.#percent()} % of the run, ${this.#left()} left`);
    }
  }

  warn({ message, advice }: Warning): void {
    this.say(`warning: ${message} (${advice})`);
  }

  look(line: string): void {
    this.say(line);
  }

  speed(line: string): void {
    this.say(line);
  }

  /** Takes the bar away. Harmless when repeated. */
  end(): void {
    if (this.#bar) this.#bars?.stop();
    this.#bar = null;
  }

  /** On one line, whose last column stays empty: some terminals begin the next line once it is written. */
  #drawing(): string {
    const room = this.#columns - 1;
    const text = `${String(this.#percent()).padStart(3)} %  ${this.#left()} left  ${this.#stage}`;
    const width = Math.max(0, Math.min(WIDEST_BAR, room - text.length - 1));
    const filled = Math.round(width * this.#share());
    return `${'━'.repeat(filled)}${'─'.repeat(width - filled)} ${text}`.slice(0, room);
  }

  /** A terminal that does not know how wide it is says 0. */
  get #columns(): number {
    return this.#stream.columns || USUAL_COLUMNS;
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  #share(): number {
    return this.#total === 0 ? 1 : Math.min(1, this.#done / this.#total);
  }

  #percent(): number {
    return Math.floor(this.#share() * 100);
  }

  /** The time left comes from how fast the plan's seconds have passed so far. */
  #left(): string {
    const share = this.#share();
    return `${Math.ceil(share < 0.02 ? this.#total : (this.#seconds() * (1 - share)) / share)} s`;
  }
}

import type { WriteStream } from 'node:tty';
import cliProgress from 'cli-progress';
import type { ExperimentPlan } from '../experiments/experiment.js';
import type { Warning } from '../results/run-schema.js';
import { plannedSeconds } from '../run/bench.js';
import { secondsOf } from '../run/plan.js';

const SECONDS_BETWEEN_LINES = 10;

/** Shows how far a run is: a bar with the time left on a terminal, a line now and then elsewhere. */
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

  constructor(stream: WriteStream) {
    this.#stream = stream;
    // With a single bar, lines that are printed while it runs would go when it goes.
    this.#bars = stream.isTTY
      ? new cliProgress.MultiBar({
          stream,
          format: '{bar} {percent} %  {left} left  {stage}',
          barCompleteChar: '━',
          barIncompleteChar: '─',
          barsize: 30,
          hideCursor: true,
          clearOnComplete: true,
          stopOnComplete: false,
        })
      : null;
  }

  say(text: string): void {
    if (this.#bars?.isActive && this.#bar) this.#bars.log(`${text}\n`);
    else this.#stream.write(`${text}\n`);
  }

  started(folder: string, plans: readonly ExperimentPlan[]): void {
    this.#plans = plans;
    this.#total = plannedSeconds(plans);
    this.#started = performance.now();
    this.say(`about ${Math.ceil(this.#total)} s; writing ${folder}`);
    this.#bar = this.#bars?.create(100, 0, this.#payload()) ?? null;
  }

  experiment(id: string, question: string): void {
    this.#stage = id;
    const plan = this.#plans.find((candidate) => candidate.id === id);
    const seconds = plan ? `, about ${Math.ceil(secondsOf(plan))} s` : '';
    this.say(`${id}: ${question}${this.#bar ? '' : seconds}`);
    this.#show();
  }

  advance(plannedSeconds: number): void {
    this.#done += plannedSeconds;
    this.#show();
    if (!this.#bar && this.#seconds() - this.#lastLine >= SECONDS_BETWEEN_LINES) {
      this.#lastLine = this.#seconds();
      const { percent, left } = this.#payload();
      this.say(`${this.#stage}: ${percent} % of the run, ${left} left`);
    }
  }

  warn({ message, advice }: Warning): void {
    this.say(`warning: ${message} (${advice})`);
  }

  /** Takes the bar away. Harmless when repeated. */
  end(): void {
    this.#bars?.stop();
    this.#bar = null;
  }

  #show(): void {
    if (this.#bar?.isActive)
      this.#bar.update(Math.min(100, (this.#done / this.#total) * 100), this.#payload());
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** The time left comes from how fast the plan's seconds have passed so far. */
  #payload() {
    const share = this.#total === 0 ? 1 : Math.min(1, this.#done / this.#total);
    const left = share < 0.02 ? this.#total : (this.#seconds() * (1 - share)) / share;
    return {
      percent: String(Math.floor(share * 100)).padStart(3),
      left: `${Math.ceil(left)} s`,
      stage: this.#stage,
    };
  }
}

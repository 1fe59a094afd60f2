import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseChecked } from '../results/damage.js';
import { z } from '../results/zod.js';
import { type Figure, type Figures, figuresOf, type GateSample } from './figures.js';
import type { Side } from './gate-schema.js';
import { GateInputError, LaunchFailure } from './input-error.js';
import { countSyscalls } from './syscalls.js';
import { Stopped, type Version } from './version.js';
import { lastLine } from './worktree.js';

/**
 * A version of pollcost, known by its command line and its run folders alone: that is the contract, and what lies behind
 * it may have changed. Only what the gate reads of a sample is asked of it, whatever the version of its schema.
 */
export interface BenchOrder {
  readonly experiments: readonly string[];
  /** As `--pollers` takes them; files by absolute path. */
  readonly pollers: readonly string[];
  readonly connections: readonly number[];
}

/** A poller of the user's own among those that are asked for. */
export const isFile = (poller: string): boolean => poller.includes('=');

const anyLine = z.object({ kind: z.string() });
const sampleLine = z.object({
  kind: z.literal('sample'),
  launch: z.number(),
  round: z.number(),
  cell: z.string(),
  metrics: z.record(z.string(), z.number()),
  speed: z.object({ before: z.number(), after: z.number() }).optional(),
});

/** A bench hangs when it takes this long: the profile has a minute or so. */
const PATIENCE_MS = 240_000;
/** One launch of each kind instead of all that the profile has, and no pages: what makes a run of bench a launch. */
export const SHORT = ['--launches', '1', '--no-report'];
/**
 * A launch takes seconds to begin, and batches of poll on 1 000 fds scatter by a tenth within it: a second of rounds, instead of a
 * fifth of one, costs little beside and halves what a launch does not know of itself.
 */
const LONGER = [...SHORT, '--launch-seconds', '1'];
/** That second for the cells that decide alone: they are a tenth of all that is shown. */
const FOR_CELLS = '--launch-cells';
/** What a launch may be, the best first; a file of cells comes after the first. A version that knows none of it makes whole runs. */
export const FORMS = [[...LONGER, FOR_CELLS], LONGER, SHORT, []] as const;
export const OF_CELLS = 0;
export const WHOLE_RUN = FORMS.length - 1;
/** The dry run that came before held the user's own pollers to the contract, and this very program measures them. */
const KEPT = ['--no-contract'];

export class BenchVersion implements Version {
  readonly side: Side;
  readonly #main: string;
  readonly #order: BenchOrder;
  readonly #folder: string;
  readonly #options: readonly string[];
  #launches = 0;

  /** `folder` takes its run folders; `options` are those of a launch that both versions know: of a form, or `forCells`. */
  constructor(
    side: Side,
    main: string,
    order: BenchOrder,
    folder: string,
    options: readonly string[] = LONGER,
  ) {
    this.side = side;
    this.#main = main;
    this.#order = order;
    this.#folder = folder;
    this.#options = options;
  }

  async launch(seed: number, stop: AbortSignal): Promise<Figures> {
    const { experiments, connections } = this.#order;
    return figuresOf(await this.#bench(experiments, connections, this.#options, seed, stop));
  }

  /** Memory that is computed, and system calls a request of the version's own `serve`. */
  async count(seed: number, stop: AbortSignal): Promise<Figures> {
    const { pollers, connections } = this.#order;
    // What is counted comes out the same in every round.
    const once = this.#options.length > 0 ? SHORT : [];
    const figures = figuresOf(await this.#bench(['memory'], connections, once, seed, stop));
    for (const poller of pollers.filter((name) => !isFile(name))) {
      const counted = await countSyscalls(
        [process.execPath, this.#main, 'serve', '--poller', poller, '--app', 'fixed'],
        poller,
        stop,
      );
      if (counted) figures.set(counted.id, counted);
    }
    return figures;
  }

  async #bench(
    experiments: readonly string[],
    connections: readonly number[],
    options: readonly string[],
    seed: number,
    stop: AbortSignal,
  ): Promise<GateSample[]> {
    mkdirSync(this.#folder, { recursive: true });
    const out = join(this.#folder, String(this.#launches++));
    const args = [
      ...['--experiments', experiments.join(',')],
      ...['--pollers', this.#order.pollers.join(',')],
      ...['--connections', connections.join(',')],
      ...['--seed', String(seed), '--out', out],
      ...options,
      ...(this.#order.pollers.some(isFile) ? KEPT : []),
    ];
    await runBench(this.#main, args, this.#folder, this.side.label, stop);
    return samplesIn(out);
  }
}

/**
 * The options of a launch whose time is for the cells that decide, as the figures of a short one tell; `folder` takes the file that
 * names them.
 */
export function forCells(
  figures: Figures,
  decides: (figure: Figure) => boolean,
  folder: string,
): readonly string[] {
  const deciding = [...figures.values()].filter((figure) => figure.kind !== 'exact' && decides(figure));
  return [...FORMS[OF_CELLS], cellsFile(folder, [...new Set(deciding.flatMap(({ cells = [] }) => cells))])];
}

function cellsFile(folder: string, cells: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'cells.json');
  writeFileSync(file, `${JSON.stringify(cells, null, 1)}\n`);
  return file;
}

/** Which is the first form of a launch whose options a version knows. @throws GateInputError for a bad order */
export async function launchFormOf(
  main: string,
  order: BenchOrder,
  folder: string,
  label: string,
): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const stop = new AbortController().signal;
  const plan = [
    ...['--experiments', order.experiments.join(',')],
    ...['--pollers', order.pollers.join(',')],
    ...['--connections', order.connections.join(','), '--dry-run'],
  ];
  const none = cellsFile(folder, []);
  for (const [form, options] of FORMS.entries()) {
    try {
      const given = form === OF_CELLS ? [...options, none] : options;
      await runBench(main, [...plan, ...given], folder, label, stop);
      return form;
    } catch (error) {
      if (!(error instanceof LaunchFailure)) throw error;
      if (form === WHOLE_RUN) throw new GateInputError(error.message);
    }
  }
  return WHOLE_RUN;
}

/** In a folder of its own, so that `results/latest` of the user's stays what it is. */
function runBench(
  main: string,
  args: string[],
  cwd: string,
  label: string,
  stop: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, 'bench', ...args], {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-5000);
    });
    // Its own children die with it.
    const kill = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
    const late = setTimeout(kill, PATIENCE_MS);
    stop.addEventListener('abort', kill, { once: true });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(late);
      stop.removeEventListener('abort', kill);
      if (code === 0) resolve();
      else if (stop.aborted) reject(new Stopped());
      else
        reject(
          new LaunchFailure(`bench of ${label} ended with ${signal ?? `code ${code}`}: ${lastLine(said)}`),
        );
    });
  });
}

function samplesIn(folder: string): GateSample[] {
  const path = join(folder, 'samples.ndjson');
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.flatMap((line, index) => {
    const where = `line ${index + 1}: `;
    if (parseChecked(anyLine, line, path, where).kind !== 'sample') return [];
    return [parseChecked(sampleLine, line, path, where)];
  });
}

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import '../harness/cli/begin.js';
import { table } from '../harness/cli/table.js';
import { BUILT, PACKAGE_ROOT } from '../harness/gate/against.js';
import { type BenchOrder, BenchVersion } from '../harness/gate/bench-version.js';
import { demandsOf } from '../harness/gate/config.js';
import { runGate } from '../harness/gate/gate.js';
import type { Gate } from '../harness/gate/gate-schema.js';
import { PAIRS } from '../harness/gate/pairs.js';
import { plantInto, plants, spinsFor } from '../harness/gate/plants.js';
import { eventNs } from '../harness/gate/self-test.js';
import { placeFor, removeLeftovers, removePlace } from '../harness/gate/worktree.js';
import { seedFrom } from '../harness/statistics/random.js';
import { harnessPoller } from '../pollers/manifest.js';
import { optionsOrExit, wholeNumberOption } from './options.js';

/**
 * `npm run gate:trials -- [--trials 10] [--busy 0] [--out results/gate-trials]`: real gates of one metric on this machine
 * as it is. Each trial is two of them, the program against itself and against a copy whose dispatch of an event takes a
 * quarter more; `--busy` lets so many processes spin beside all of it. Trials that are in the folder already count, so that
 * it can be taken up again. Exit code 1 at a false alarm or a plant that was called ok.
 */

const METRIC = 'cpuNsPerEvent';
const ORDER: BenchOrder = { experiments: ['cascade'], pollers: [harnessPoller], connections: [1, 1000] };
const MAX_MS = 120_000;
/** Nothing that spins outlives a trial by more. */
const BUSY_MS = 5 * 60_000;

type Kind = 'same' | 'dispatch';
interface Trial {
  readonly kind: Kind;
  readonly seconds: number;
  readonly load: number;
  readonly outcome: Gate['outcome'];
  readonly pairs: number;
  readonly change: string;
  readonly speed: string;
}

const { values } = optionsOrExit({
  options: {
    trials: { type: 'string', default: '10' },
    busy: { type: 'string', default: '0' },
    out: { type: 'string', default: 'results/gate-trials' },
  },
});
const trials = wholeNumberOption('--trials', values.trials, 1);
const busy = wholeNumberOption('--busy', values.busy, 0);
const folder = resolve(values.out);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

mkdirSync(folder, { recursive: true });
removeLeftovers(PACKAGE_ROOT);
const place = placeFor(PACKAGE_ROOT, 'trials');
const neighbours = new Set<ChildProcess>();
const done: Trial[] = [];
try {
  await runTrials();
} finally {
  for (const neighbour of neighbours) neighbour.kill('SIGKILL');
  removePlace(PACKAGE_ROOT, place);
}
report();

async function runTrials(): Promise<void> {
  let planted: string | null = null;
  for (let index = 1; index <= trials && !stop.signal.aborted; index++) {
    for (const kind of ['same', 'dispatch'] as const) {
      const file = join(folder, `${kind}-${busy}-${index}.json`);
      if (!existsSync(file)) {
        planted ??= await plantedMain();
        const trial = await gateOf(
          kind,
          kind === 'same' ? join(BUILT, 'harness/cli/main.js') : planted,
          index,
        );
        writeFileSync(file, `${JSON.stringify(trial)}\n`);
      }
      const trial = JSON.parse(readFileSync(file, 'utf8')) as Trial;
      console.error(
        `${index} of ${trials}, ${trial.kind}: ${trial.outcome}, ${trial.change}, ${trial.seconds} s`,
      );
      done.push(trial);
    }
  }
}

function versionOf(label: string, main: string, at: string): BenchVersion {
  return new BenchVersion({ label, commit: null, dirty: false }, main, ORDER, at);
}

/** The copy whose dispatch spins for a quarter of what an event costs here. */
async function plantedMain(): Promise<string> {
  const dispatch = plants.find(({ id }) => id === 'dispatch');
  if (!dispatch) throw new Error('no plant is called dispatch');
  const at = join(folder, 'first');
  const first = await versionOf('first', join(BUILT, 'harness/cli/main.js'), at).launch(1, stop.signal);
  rmSync(at, { recursive: true });
  return plantInto(BUILT, place, dispatch, spinsFor(eventNs(first) / 4));
}

async function gateOf(kind: Kind, main: string, index: number): Promise<Trial> {
  const runs = join(folder, 'runs');
  for (let i = 0; i < busy; i++) neighbours.add(spin());
  const demandOf = demandsOf({ metrics: { [METRIC]: 'error' } });
  try {
    const gate = await runGate(
      {
        reference: versionOf('reference', join(BUILT, 'harness/cli/main.js'), join(runs, 'reference')),
        current: versionOf('current', main, join(runs, 'current')),
        notes: [],
        dispose: () => undefined,
      },
      {
        plan: { seed: seedFrom('trial', kind, busy, index), ...PAIRS, maxMs: MAX_MS },
        demandOf: (figure) =>
          figure.metric === METRIC && figure.factors.active !== '1'
            ? demandOf(figure)
            : { ...demandOf(figure), level: 'off' },
        command: 'npm run gate:trials',
        notes: [],
        startedMs: performance.now(),
        stop: stop.signal,
        launched: () => undefined,
      },
    );
    const [metric] = gate.metrics.filter(({ level, class: of }) => level === 'error' && of !== 'exact');
    const percent = (ratio: number) => `${((ratio - 1) * 100).toFixed(1)} %`;
    const change = metric?.change;
    return {
      ...{ kind, seconds: gate.seconds, outcome: gate.outcome, pairs: gate.pairs },
      load: loadavg()[0] as number,
      change: change ? `${percent(change.value)} [${percent(change.low)}, ${percent(change.high)}]` : 'none',
      speed: metric?.speed ?? 'none',
    };
  } finally {
    for (const neighbour of neighbours) neighbour.kill('SIGKILL');
    neighbours.clear();
    rmSync(runs, { recursive: true, force: true });
  }
}

function spin(): ChildProcess {
  const script = `for (const end = Date.now() + ${BUSY_MS}; Date.now() < end; );`;
  return spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
}

function report(): void {
  const rows = (['same', 'dispatch'] as const).map((kind) => {
    const of = done.filter((trial) => trial.kind === kind);
    const count = (outcome: Gate['outcome']) => of.filter((trial) => trial.outcome === outcome).length;
    const seconds = of.map((trial) => trial.seconds);
    const name = kind === 'same' ? 'the same program' : 'dispatch a quarter dearer';
    const times = `${Math.min(...seconds).toFixed(0)} to ${Math.max(...seconds).toFixed(0)} s`;
    return [name, `${count('regression')}`, `${count('inconclusive')}`, `${count('passed')}`, times];
  });
  const beside = busy === 0 ? '' : `, ${busy} busy processes beside`;
  console.log(`${done.length / 2} trials on ${availableParallelism()} CPUs${beside}`);
  process.stdout.write(table(['gate', 'regression', 'inconclusive', 'passed', 'took'], rows, process.stdout));
  const isWrong = ({ kind, outcome }: Trial) => outcome === (kind === 'same' ? 'regression' : 'passed');
  process.exitCode = done.length > 0 && !done.some(isWrong) ? 0 : 1;
}

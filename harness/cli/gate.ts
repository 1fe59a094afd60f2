import { randomInt } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { gateRuns } from '../gate/across-machines.js';
import { BUILT, PACKAGE_ROOT, prepareVersions, type Subject, toolOf } from '../gate/against.js';
import {
  DEFAULTS,
  demandsOf,
  type GateConfig,
  initConfig,
  mayFail,
  readConfig,
  requireKnown,
  SCHEMA_FILE,
} from '../gate/config.js';
import type { Figure } from '../gate/figures.js';
import { runGate } from '../gate/gate.js';
import type { Gate } from '../gate/gate-schema.js';
import type { Demand } from '../gate/judge.js';
import { exitCodeOf } from '../gate/outcome.js';
import { textOf } from '../gate/outputs/markdown.js';
import { writeGate } from '../gate/outputs/write.js';
import { PAIRS, type Plan, ruleText } from '../gate/pairs.js';
import { repositoryAt } from '../gate/repository.js';
import { selfTest } from '../gate/self-test.js';
import { Stopped } from '../gate/version.js';
import { removeLeftovers } from '../gate/worktree.js';
import { folderOf } from './folder-of.js';
import type { GateOptions } from './gate-options.js';
import { requireLinux } from './system.js';
import { countsIn, namesIn, seedOf, UsageError, wholeNumber } from './usage.js';

const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const;
const say = (text: string) => process.stderr.write(`${text}\n`);

/** @returns the exit code */
export async function gate(options: GateOptions): Promise<number> {
  const ways = [
    options.against !== undefined && '--against',
    (options.baseline ?? options.current) !== undefined && '--baseline',
    options.selfTest && '--self-test',
    options.init && '--init',
  ].filter((way) => way !== false && way !== undefined);
  if (ways.length !== 1) {
    const what = ways.length === 0 ? 'needs' : `takes one of ${ways.join(' and ')}, not both:`;
    throw new UsageError(`gate ${what} --against REF, --baseline RUN --current RUN, --self-test or --init`);
  }
  if (options.init) return init();
  if ((options.baseline ?? options.current) !== undefined) return runs(options);
  requireLinux('gate');
  if (options.selfTest) return testItself(options);
  return against(options);
}

function init(): number {
  const schema = join(relative(process.cwd(), PACKAGE_ROOT) || '.', SCHEMA_FILE);
  process.stdout.write(`${initConfig(process.cwd(), schema)}\n`);
  return 0;
}

/** Two finished runs: whatever machine they come from, and on whatever machine this is. */
function runs(options: GateOptions): number {
  const { baseline, current } = options;
  if (baseline === undefined || current === undefined)
    throw new UsageError('--baseline RUN takes --current RUN with it');
  const startedMs = performance.now();
  const config = configOf(readConfig(process.cwd()), options);
  const folder = folderOf(current);
  const result = gateRuns({
    ...{ baseline: folderOf(baseline), current: folder, tool: toolOf(), startedMs },
    demandOf: only(options.metric, demandsOf(config)),
    command: commandOf(options),
  });
  return finish(result, resolve(options.out ?? folder), options);
}

const SELF_TEST_MINUTES = 4;

async function testItself(options: GateOptions): Promise<number> {
  const seed = options.seed === undefined ? randomInt(2 ** 32) : seedOf(options.seed);
  const minutes =
    options.maxMinutes === undefined
      ? SELF_TEST_MINUTES
      : numberOf('--max-minutes', options.maxMinutes, 1440);
  const folder = freshFolder(options.out, 'gate-self-test');
  removeLeftovers(PACKAGE_ROOT);
  say(`seed ${seed}`);
  return stoppable(async (stop) => {
    const result = await selfTest({
      ...{ built: BUILT, root: PACKAGE_ROOT, seed, stop, say },
      folder,
      maxMs: minutes * 60_000,
    });
    const lines = result.arms.map(({ id, state, line }) => `  ${id}: ${state}: ${line}`);
    const open = result.arms.filter(({ state }) => state === 'inconclusive').length;
    const much =
      open === 0 ? '' : `, ${open} of ${result.arms.length} open because this machine is too noisy just now`;
    const head = `gate self-test ${result.isFine ? 'passed' : 'failed'}${much}`;
    process.stdout.write(
      options.json ? `${JSON.stringify(result, null, 1)}\n` : `${[head, ...lines].join('\n')}\n`,
    );
    return result.isFine ? 0 : 5;
  });
}

/** Ends with the code of the signal that stopped it, once everything is tidied up. */
async function stoppable(work: (stop: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  let exitOnSignal: number | null = null;
  for (const [signal, code] of Object.entries(SIGNAL_EXIT)) {
    process.once(signal, () => {
      exitOnSignal = code;
      stop.abort();
    });
  }
  try {
    return await work(stop.signal);
  } catch (error) {
    if (exitOnSignal !== null) return exitOnSignal;
    if (error instanceof Stopped) return 1;
    throw error;
  }
}

async function against(options: GateOptions): Promise<number> {
  const startedMs = performance.now();
  const ref = options.against as string;
  const repository = repositoryAt(process.cwd());
  const config = configOf(readConfig(process.cwd()), options);
  const plan = planOf(config, options);
  const demandOf = only(options.metric, demandsOf(config));
  const out = freshFolder(options.out, 'gate');
  const left = removeLeftovers(repository.root);
  if (left > 0) say(`removed what ${left === 1 ? 'a killed gate' : `${left} killed gates`} had left behind`);
  const notes = repository.isDirty
    ? ['the working tree has changes that are not committed: they are what is measured']
    : [];
  for (const note of notes) say(note);
  say(`seed ${plan.seed}; ${ruleText(plan)}`);
  return stoppable(async (stop) => {
    say(`building ${ref} in a worktree of its own`);
    const versions = await prepareVersions(
      repository,
      ref,
      subjectOf(config, demandOf),
      config.build ?? null,
      out,
      stop,
    );
    try {
      for (const note of versions.notes) say(note);
      const result = await runGate(versions, {
        ...{ plan, demandOf },
        command: commandOf(options, plan.seed),
        ...{ notes, startedMs, stop },
        launched: (pair, of) =>
          say(`pair ${pair + 1} of ${of}, ${Math.round((performance.now() - startedMs) / 1000)} s`),
      });
      return finish(result, out, options);
    } finally {
      versions.dispose();
    }
  });
}

/** Where this gate's files go. Launches of an older one would be taken for runs that are in the way. */
function freshFolder(out: string | undefined, name: string): string {
  const folder = resolve(out ?? `results/${name}-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new UsageError(`${folder} is not empty; choose another --out`);
  return folder;
}

/** Options go before the file. */
function configOf(file: GateConfig, options: GateOptions): GateConfig {
  return {
    ...file,
    ...(options.experiments !== undefined && { experiments: namesIn('--experiments', options.experiments) }),
    ...(options.pollers !== undefined && { pollers: namesIn('--pollers', options.pollers) }),
    ...(options.connections !== undefined && { connections: countsIn('--connections', options.connections) }),
    ...(options.command !== undefined && { command: templateOf(options.command) }),
    ...(options.build !== undefined && { build: options.build }),
    ...(options.margin !== undefined && { margin: numberOf('--margin', options.margin, 10) }),
    ...(options.maxMinutes !== undefined && {
      maxMinutes: numberOf('--max-minutes', options.maxMinutes, 1440),
    }),
  };
}

function templateOf(command: string): string {
  if (command.includes('{port}')) return command;
  throw new UsageError(`--command needs {port} where the port stands, for example "node server.js {port}"`);
}

function numberOf(option: string, text: string, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value < most) return value;
  throw new UsageError(`${option} takes a number above 0 and below ${most}; '${text}' is none`);
}

function planOf({ maxMinutes = DEFAULTS.maxMinutes }: GateConfig, { seed, pairs }: GateOptions): Plan {
  const count = pairs === undefined ? null : wholeNumber('--pairs', pairs, 2, 1000);
  return {
    seed: seed === undefined ? randomInt(2 ** 32) : seedOf(seed),
    ...(count === null ? PAIRS : { fewest: count, most: count }),
    maxMs: maxMinutes * 60_000,
  };
}

function subjectOf(config: GateConfig, demandOf: (figure: Figure) => Demand): Subject {
  const { experiments, pollers, connections } = DEFAULTS;
  const {
    experiments: asked = experiments,
    pollers: named = pollers,
    connections: counts = connections,
    command,
  } = config;
  if (command !== undefined) return { kind: 'command', command, connections: Math.max(...counts) };
  return {
    kind: 'pollers',
    order: { experiments: asked, pollers: named, connections: counts },
    decides: mayFail(demandOf),
  };
}

/** With --metric nothing else may fail it. */
function only(names: string | undefined, demandOf: (figure: Figure) => Demand): (figure: Figure) => Demand {
  if (names === undefined) return demandOf;
  const wanted = names.split(';').map((name) => name.trim());
  for (const name of wanted) requireKnown(name, '--metric');
  return (figure) => {
    const { id, poller, metric } = figure;
    const isWanted = [id, `${poller}/${metric}`, metric].some((name) => wanted.includes(name));
    return { ...demandOf(figure), level: isWanted ? 'error' : 'off' };
  };
}

/** As it was typed, with the seed that was drawn. */
function commandOf(options: GateOptions, seed?: number): string {
  const quoted = (text: string) =>
    /^[\w./=:,~^-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  const typed = Object.entries({ ...options, ...(seed !== undefined && { seed: String(seed) }) })
    .filter(([name, value]) => !['out', 'json'].includes(name) && value !== undefined && value !== false)
    .map(([name, value]) => {
      const option = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return value === true ? option : `${option} ${quoted(String(value))}`;
    });
  return ['pollcost gate', ...typed].join(' ');
}

/** Writes the files, prints what was found, and says with which code to end. */
function finish(result: Gate, out: string, options: GateOptions): number {
  const annotations = writeGate(out, result, process.env);
  process.stdout.write(options.json ? `${JSON.stringify(result, null, 1)}\n` : textOf(result));
  // GitHub reads them from either stream; JSON on stdout stays JSON.
  for (const line of annotations) say(line);
  for (const note of result.notes) say(`note: ${note}`);
  say(`details: ${out}/gate.json, gate.md, gate.xml`);
  return exitCodeOf(result.outcome, options.strict ?? false);
}

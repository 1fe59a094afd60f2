import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { closest } from 'fastest-levenshtein';
import type { infer as Infer } from 'zod';
import { gatedPollers } from '../../pollers/manifest.js';
import { parseChecked } from '../results/damage.js';
import { z } from '../results/zod.js';
import { type Figure, METRIC_NAMES } from './figures.js';
import { GateInputError } from './input-error.js';
import type { Demand, Level } from './judge.js';

/** The shape of `pollcost.config.json`: what a repository asks of its gate. Everything has a default. */

export const CONFIG_FILE = 'pollcost.config.json';
/** Its published JSON Schema, from the package's folder. */
export const SCHEMA_FILE = 'dist/harness/gate/config.schema.json';

const level = z
  .enum(['off', 'warn', 'error'])
  .meta({ description: 'off: shown only; warn: said, the gate passes; error: the gate fails' });
const margin = z.number().gt(0).lt(10).meta({
  description:
    'how much worse is still accepted: 0.1 is 10 %. A change is a regression when its whole interval is above',
});

export const configSchema = z
  .strictObject({
    $schema: z.string().optional(),
    margin: margin.optional(),
    experiments: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .meta({ description: "what a launch measures, by pollcost's names; see pollcost list experiments" }),
    pollers: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .meta({ description: 'names, or name=./file.js for a poller of your own' }),
    connections: z
      .array(z.int().positive())
      .min(1)
      .optional()
      .meta({ description: 'how many fds are watched, or connections held' }),
    maxMinutes: z
      .number()
      .positive()
      .optional()
      .meta({ description: 'the gate stops then; what is not decided is inconclusive' }),
    command: z
      .string()
      .includes('{port}')
      .optional()
      .meta({ description: 'starts an HTTP server of your own on {port}; gated instead of pollers' }),
    build: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'what to run in the folder of a version before its command can start' }),
    metrics: z
      .record(z.string().min(1), z.union([level, z.strictObject({ level, margin: margin.optional() })]))
      .optional()
      .meta({
        description:
          'by metric ("cpuNsPerTurn"), poller and metric ("epoll/cpuNsPerTurn") or whole name ' +
          '("watched-fds/epoll/cpuNsPerTurn(watched=1000,ready=0,position=none,timeout=zero)"); the most exact one counts',
      }),
  })
  .meta({
    title: 'pollcost.config.json',
    description: 'What the performance gate of a repository asks for.',
  });
export type GateConfig = Infer<typeof configSchema>;

export const configJsonSchema = () => z.toJSONSchema(configSchema);

export const DEFAULTS = {
  margin: 0.1,
  experiments: ['watched-fds', 'cascade'],
  pollers: gatedPollers,
  connections: [1, 100, 1000],
  maxMinutes: 8,
} as const;

/** Reads the configuration of a folder; without a file everything is as by default. @throws DamagedFile, GateInputError */
export function readConfig(folder: string): GateConfig {
  const path = join(folder, CONFIG_FILE);
  if (!existsSync(path)) return {};
  const config = parseChecked(configSchema, readFileSync(path, 'utf8'), path);
  for (const name of Object.keys(config.metrics ?? {})) requireKnown(name, path);
  return config;
}

/** The metric in any of the three forms of a name. */
const metricIn = (name: string): string => (name.split('(')[0] ?? '').split('/').at(-1) ?? '';

export function requireKnown(name: string, where: string): void {
  const metric = metricIn(name);
  if (METRIC_NAMES.includes(metric)) return;
  const match = closest(metric, METRIC_NAMES as string[]);
  throw new GateInputError(
    `${where}: unknown metric '${name}'; did you mean '${name.replace(metric || name, match)}'?`,
  );
}

/** Writes the defaults as a file to change. @throws GateInputError where there is one already */
export function initConfig(folder: string, schemaPath: string): string {
  const path = join(folder, CONFIG_FILE);
  const config: GateConfig = {
    $schema: schemaPath,
    ...structuredClone(DEFAULTS as unknown as GateConfig),
  };
  try {
    writeFileSync(path, `${JSON.stringify(config, null, 2)}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new GateInputError(`${path} exists already and is left as it is; change it, or remove it first`);
  }
  return path;
}

/**
 * What is asked of a metric: by its whole name, by poller and metric, by metric, or as by default. By default the few
 * cells at both ends of what is measured may fail the gate: each metric more makes every interval wider (Holm).
 */
export function demandsOf({ margin: general = DEFAULTS.margin, metrics = {} }: GateConfig) {
  return (figure: Figure): Demand => {
    const { id, poller, metric } = figure;
    const named = metrics[id] ?? metrics[`${poller}/${metric}`] ?? metrics[metric];
    if (named === undefined) return { level: defaultLevel(figure), margin: general };
    return typeof named === 'string'
      ? { level: named, margin: general }
      : { level: named.level, margin: named.margin ?? general };
  };
}

/** Whether a figure may fail a gate that asks this. */
export const mayFail =
  (demandOf: (figure: Figure) => Demand) =>
  (figure: Figure): boolean =>
    demandOf(figure).level === 'error';

function defaultLevel(figure: Figure): Level {
  const { kind, experiment, metric, factors } = figure;
  if (kind === 'exact') return 'error';
  if (experiment === 'command') return 'error';
  const { ready, timeout, position, socket = 'tcp' } = factors;
  const idle = ready === '0' && timeout === 'zero' && socket === 'tcp';
  const oneReady = ready === '1' && timeout === 'finite' && position === 'last';
  const fewest = factors.watched === '1';
  // Both ends say what there is to say; each metric between them would widen the intervals of all.
  const many = Number(factors.watched) > 100;
  const gated =
    (experiment === 'watched-fds' && metric === 'cpuNsPerTurn' && ((idle && many) || (oneReady && fewest))) ||
    (experiment === 'watched-fds' && metric === 'growth' && idle) ||
    (experiment === 'watched-fds' && metric === 'overPoll' && idle && many) ||
    (experiment === 'watched-fds' && metric === 'overC' && oneReady && fewest) ||
    (experiment === 'cascade' && metric === 'cpuNsPerEvent' && factors.active !== '1') ||
    (experiment === 'server' && metric === 'cpuUsPerRequest' && factors.load === 'closed');
  return gated ? 'error' : 'off';
}

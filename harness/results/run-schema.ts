import type { infer as Infer } from 'zod';
import { z } from './zod.js';

/**
 * The shape of `run.json`: the one source of its types, its validation and its published JSON Schema.
 * Unknown keys are an error and numbers are finite. Times are ISO 8601 in UTC.
 */

export const SCHEMA_VERSION = 2;

const time = z.iso.datetime();
const count = z.int().nonnegative();
const text = z.string().min(1);

export const unitSchema = z.enum([
  'ns',
  'us',
  'ms',
  's',
  'bytes',
  'count',
  'per_second',
  'cores',
  'ratio',
  'boolean',
]);
export type Unit = Infer<typeof unitSchema>;

export const seriesSchema = z.enum([
  'pollcost',
  'pollcost-again',
  'c-twin',
  'completion',
  'node:http',
  'node:net',
  'tornado',
  'twisted',
]);
export type Series = Infer<typeof seriesSchema>;

/** Any name: a run may have measured a user's own poller, or one that only a later program knows. */
export const pollerSchema = z.string().regex(/^[a-z][a-z0-9_-]*$/);

export const profileSchema = z.enum(['quick', 'standard', 'thorough']);
export type Profile = Infer<typeof profileSchema>;

const ordered = (figure: { low: number; value: number; high: number }) =>
  figure.low <= figure.value && figure.value <= figure.high;
const disordered = { error: 'low <= value <= high does not hold' };

const interval = { value: z.number(), low: z.number(), high: z.number() };
const share = z.number().min(0).max(1);

/** A figure with its 95 % interval, of the samples at full speed. `n` counts rounds. */
export const figureSchema = z
  .strictObject({
    ...interval,
    unit: unitSchema,
    n: count,
    launches: count,
    /** How many of its samples were at full speed; absent where no speed was read beside them. */
    share: share.optional(),
    /** What every sample says, at whatever speed. */
    all: z.strictObject(interval).refine(ordered, disordered).optional(),
  })
  .refine(ordered, disordered);
export type Figure = Infer<typeof figureSchema>;

/** The conditions of a cell, by the names that every experiment has for them. */
export const factorsSchema = z.record(text, z.union([z.string(), z.number()]));
export type Factors = Infer<typeof factorsSchema>;

const cellBase = {
  id: text,
  experiment: text,
  poller: pollerSchema,
  series: seriesSchema,
  flags: z.array(text),
  factors: factorsSchema,
};

export const cellSchema = z.discriminatedUnion('status', [
  z.strictObject({ ...cellBase, status: z.literal('measured'), metrics: z.record(text, figureSchema) }),
  z.strictObject({ ...cellBase, status: z.literal('skipped'), reason: text, metrics: z.strictObject({}) }),
  z.strictObject({ ...cellBase, status: z.literal('failed'), reason: text, metrics: z.strictObject({}) }),
]);
export type Cell = Infer<typeof cellSchema>;
export type MeasuredCell = Extract<Cell, { status: 'measured' }>;

/** What a ratio is where it is no factor (1.02 times as much): a share of a whole, an exponent, or a number of fds that cost as much. */
export const ratioKindSchema = z.enum(['share', 'exponent', 'fds']);
export type RatioKind = Infer<typeof ratioKindSchema>;

/** A figure that a claim's rule looks at, or shows beside those that it looks at (`decides`: false). */
export const effectSchema = z
  .strictObject({
    name: text,
    ...interval,
    unit: unitSchema,
    ratioKind: ratioKindSchema.optional(),
    n: count,
    decides: z.boolean(),
    /** What it was measured under: everything in which the effects of its claim differ. */
    factors: factorsSchema,
    /** Where its rule wants it; either end may be open. */
    limits: z.strictObject({ from: z.number().optional(), to: z.number().optional() }).optional(),
  })
  .refine(ordered, disordered);
export type Effect = Infer<typeof effectSchema>;

/** What a verdict rests on: sampled figures, the kernel's own books, or what the interface is and the run checks. */
export const kindSchema = z.enum(['measured', 'read', 'definition']);

const claimBase = {
  id: text,
  kind: kindSchema,
  /** `asked`: by the readers of the answer, in our words. */
  source: z.enum(['answer', 'notes', 'asked']),
  statement: text,
  rule: z.strictObject({ version: z.int().positive(), text }),
  evidence: z.array(text),
  /** One plain sentence with the number that decides. */
  finding: text,
  explanation: text,
};
const someEffects = z.array(effectSchema).min(1);

export const claimSchema = z.discriminatedUnion('verdict', [
  z.strictObject({ ...claimBase, verdict: z.literal('holds'), effects: someEffects }),
  z.strictObject({ ...claimBase, verdict: z.literal('holds-when'), condition: text, effects: someEffects }),
  z.strictObject({ ...claimBase, verdict: z.literal('fails'), effects: someEffects }),
  z.strictObject({
    ...claimBase,
    verdict: z.literal('undecided'),
    missing: text,
    effects: z.array(effectSchema),
  }),
]);
export type Claim = Infer<typeof claimSchema>;
export type Verdict = Claim['verdict'];

const experimentBase = { id: text, rounds: count, launches: count, seconds: z.number().nonnegative() };
export const experimentSchema = z.discriminatedUnion('status', [
  z.strictObject({ ...experimentBase, status: z.literal('completed') }),
  z.strictObject({ ...experimentBase, status: z.literal('failed'), reason: text }),
  z.strictObject({ ...experimentBase, status: z.literal('skipped'), reason: text }),
  z.strictObject({ ...experimentBase, status: z.literal('pending'), reason: text }),
]);
export type ExperimentResult = Infer<typeof experimentSchema>;

/** What the figures were measured on; null where it cannot be read. Names no host, user or path. */
export const environmentSchema = z.strictObject({
  kernel: text,
  arch: text,
  cpuModel: z.string().nullable(),
  cpus: z.int().positive(),
  pinnedTo: count.nullable(),
  virtualization: z.string().nullable(),
  container: z.boolean(),
  memoryBytes: count,
  /** Of the kernel; absent in runs of a release that did not ask. */
  pageBytes: count.optional(),
  node: text,
  v8: text,
  koffi: z.string().nullable(),
  cc: z.string().nullable(),
  fdLimitSoft: count.nullable(),
  fdLimitHard: count.nullable(),
  uid0: z.boolean(),
  slabinfo: z.boolean(),
  unshare: z.boolean().nullable(),
  maxUserWatches: count.nullable(),
  governor: z.string().nullable(),
  clocksource: z.string().nullable(),
  mitigations: z.array(text).nullable(),
  /** Whether the time of interrupts is kept out of the threads' CPU time (CONFIG_IRQ_TIME_ACCOUNTING). */
  irqTimeAccounting: z.boolean().nullable(),
  /** Whether the kernel describes its own structures (/sys/kernel/btf/vmlinux). */
  btf: z.boolean().nullable(),
  /** Whether a process may be given real-time priority. */
  realtime: z.boolean().nullable(),
  /**
   * Whether a process may have nice -20, as servers then do, and whether a thread of ordinary rank may ask for slices of 0.1 ms of
   * its CPU, as they do while beats come; absent in runs of a release in which they did not.
   */
  highestNice: z.boolean().optional(),
  shortSlices: z.boolean().optional(),
  /** Whether the load's CPU is another thread of the subject's core. */
  loadSharesCore: z.boolean().nullable(),
  /** The system call that each poller slept in, as the kernel said; null where it did not. Those that never sleep are left out. */
  waitSyscalls: z.record(pollerSchema, text.nullable()).optional(),
  commit: z.string().nullable(),
  dirty: z.boolean().nullable(),
});
export type Environment = Infer<typeof environmentSchema>;

export const modelSchema = z.strictObject({
  poller: pollerSchema,
  terms: z.record(text, z.strictObject({ ...interval, unit: unitSchema }).refine(ordered, disordered)),
  /** Whether what was held out is predicted well enough for the model to be used. */
  accepted: z.boolean(),
  heldOut: z.strictObject({
    /** Which cells were kept from the fit. */
    what: text,
    medianError: z.number().nonnegative(),
    p90Error: z.number().nonnegative(),
  }),
});

export const warningSchema = z.strictObject({ code: text, message: text, advice: text });
export type Warning = Infer<typeof warningSchema>;

export const runStatusSchema = z.enum(['running', 'completed', 'interrupted', 'failed']);

/** A look at the verdicts. */
export const lookSchema = z.strictObject({
  at: time,
  /** Of every interval, so that two looks together are right as often as one at 95 %. */
  level: z.number().positive().max(1),
  verdicts: z.record(text, z.enum(['holds', 'holds-when', 'fails', 'undecided'])),
  /** Launches that were made after it: of an experiment, like an earlier one of its plan, with these of the plan's visits only. */
  more: z.array(
    z.strictObject({
      experiment: text,
      like: count,
      visits: z.array(count).min(1),
      launches: z.int().positive(),
      rounds: z.int().positive(),
      seconds: z.number().nonnegative(),
    }),
  ),
});
export type Look = Infer<typeof lookSchema>;

export const runSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  id: z.string().regex(/^\d{8}T\d{6}Z-[0-9a-f]{4}$/),
  tool: z.string().regex(/^pollcost \d+\.\d+\.\d+/),
  pid: z.int().positive(),
  status: runStatusSchema,
  startedAt: time,
  finishedAt: time.nullable(),
  profile: profileSchema,
  seed: count,
  planHash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  environment: environmentSchema,
  experiments: z.array(experimentSchema),
  noise: z.strictObject({
    /** The noise floor: root mean square over all pairs of identical pollers, as a ratio of at least 1. */
    aaRatio: figureSchema.nullable(),
    /** The same by experiment and metric. */
    floors: z
      .array(
        z.strictObject({ experiment: text, metric: text, pairs: z.int().positive(), ratio: figureSchema }),
      )
      .optional(),
    flaggedRounds: count,
    /** A pass of the speed sentinel at this machine's full speed; null where none was read. */
    fullSpeedNs: z.number().positive().nullable(),
    /** Of all samples. */
    shareAtFullSpeed: share.nullable(),
  }),
  cells: z.array(cellSchema),
  models: z.array(modelSchema),
  claims: z.array(claimSchema),
  /** When the claims were judged, at most twice, and what was measured between the looks for those that were open. */
  looks: z.array(lookSchema).max(2).optional(),
  warnings: z.array(warningSchema),
});
export type Run = Infer<typeof runSchema>;

/** The published JSON Schema of run.json. */
export const runJsonSchema = () => z.toJSONSchema(runSchema);

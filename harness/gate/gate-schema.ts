import type { infer as Infer } from 'zod';
import { unitSchema } from '../results/run-schema.js';
import { z } from '../results/zod.js';

/** The shape of `gate.json`: what a gate found, for other programs. The one source of its types and its validation. */

export const GATE_VERSION = 1;

const text = z.string().min(1);

export const verdictSchema = z.enum(['ok', 'regression', 'improvement', 'inconclusive']);
export type Verdict = Infer<typeof verdictSchema>;

/** How many times as much the current version takes, as the median over pairs, with its interval at this confidence. */
export const changeSchema = z.strictObject({
  value: z.number().positive(),
  low: z.number().nonnegative(),
  high: z.number().positive(),
  confidence: z.number().gt(0).lt(1),
});
export type Change = Infer<typeof changeSchema>;

export const metricResultSchema = z.strictObject({
  id: text,
  class: z.enum(['exact', 'ratio', 'absolute']),
  unit: unitSchema,
  level: z.enum(['off', 'warn', 'error']),
  margin: z.number().nonnegative(),
  verdict: verdictSchema,
  /** Null where values are compared, not launches. */
  change: changeSchema.nullable(),
  reference: z.number(),
  current: z.number(),
  /** Pairs of launches that it rests on. */
  pairs: z.int().nonnegative(),
  /** Whether it rests on samples at full speed, or on all that there are. */
  speed: z.enum(['full', 'all']),
  note: text.optional(),
});
export type MetricResult = Infer<typeof metricResultSchema>;

export const sideSchema = z.strictObject({ label: text, commit: text.nullable(), dirty: z.boolean() });
export type Side = Infer<typeof sideSchema>;

export const gateSchema = z.strictObject({
  gateVersion: z.literal(GATE_VERSION),
  tool: text,
  startedAt: z.iso.datetime(),
  seconds: z.number().nonnegative(),
  outcome: z.enum(['passed', 'regression', 'inconclusive', 'nothing-measured']),
  reference: sideSchema,
  current: sideSchema,
  seed: z.int().nonnegative(),
  pairs: z.int().nonnegative(),
  /** The command that does the same again. */
  command: text,
  /** How it decides, said before anything was measured. */
  rule: text,
  metrics: z.array(metricResultSchema),
  notes: z.array(text),
});
export type Gate = Infer<typeof gateSchema>;

export const gateJsonSchema = () => z.toJSONSchema(gateSchema);

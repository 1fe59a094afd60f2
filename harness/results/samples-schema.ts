import type { infer as Infer } from 'zod';
import { factorsSchema, SCHEMA_VERSION } from './run-schema.js';
import { z } from './zod.js';

/** The shape of `samples.ndjson`: one object per line, a `run` line first. */

const count = z.int().nonnegative();
const pass = z.number().positive();

/** What a neighbour or the hypervisor did while a round ran; null where it cannot be read. */
export const sentinelsSchema = z.strictObject({
  stealMs: z.number().nonnegative().nullable(),
  involuntarySwitches: count.nullable(),
  cpuPressureUs: count.nullable(),
});
export type Sentinels = Infer<typeof sentinelsSchema>;

/** Which visit to the cells: one round of one launch of an experiment. */
const visit = { experiment: z.string().min(1), launch: count, round: count };

/**
 * What collectors read about one server and its load in one round, beside the figures of the cells: `values` by
 * collector, null where this system does not show it; its sockets by TCP state; and once a second what it used, by
 * pidusage (a picture for people: ticks of 10 ms).
 */
export const readingsSchema = z.strictObject({
  /** Which of the round's servers: series, app, file table and idle connections, in one name. */
  subject: z.string().min(1),
  /**
   * The same by factor: `series`, `poller` where it has one for all its windows, `app`, `fileTable`, and `connections`, or
   * `mostConnections` where windows hold fewer. Absent in runs of a release that did not say.
   */
  factors: factorsSchema.optional(),
  values: z.record(z.string().min(1), z.number().nullable()),
  tcpStates: z.record(z.string().min(1), count).nullable(),
  timeline: z.array(
    z.strictObject({
      /** Since the server started. */
      atMs: count,
      cores: z.number().nonnegative(),
      residentBytes: count,
    }),
  ),
});
export type SubjectReadings = Infer<typeof readingsSchema>;

export const sampleLineSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('run'),
    schemaVersion: z.literal(SCHEMA_VERSION),
    id: z.string().min(1),
    planHash: z.string().min(1),
    seed: count,
  }),
  z.strictObject({
    kind: z.literal('sample'),
    ...visit,
    cell: z.string().min(1),
    turns: count,
    /** A pass of the speed sentinel right before and after the batch, in ns, and during a window; absent where none was read. */
    speed: z
      .strictObject({ before: pass, during: z.array(pass).readonly().optional(), after: pass })
      .optional(),
    metrics: z.record(z.string().min(1), z.number()),
  }),
  z.strictObject({ kind: z.literal('readings'), ...visit, ...readingsSchema.shape }),
  z.strictObject({
    kind: z.literal('round'),
    ...visit,
    startedAt: z.iso.datetime(),
    seconds: z.number().nonnegative(),
    sentinels: sentinelsSchema,
    flags: z.array(z.string().min(1)),
  }),
]);
export type SampleLine = Infer<typeof sampleLineSchema>;
export type Sample = Extract<SampleLine, { kind: 'sample' }>;
export type Round = Extract<SampleLine, { kind: 'round' }>;

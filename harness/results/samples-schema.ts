import type { infer as Infer } from 'zod';
import { SCHEMA_VERSION } from './run-schema.js';
import { z } from './zod.js';

/** The shape of `samples.ndjson`: one object per line, a `run` line first. */

const count = z.int().nonnegative();

/** What a neighbour or the hypervisor did while a round ran; null where it cannot be read. */
export const sentinelsSchema = z.strictObject({
  stealMs: z.number().nonnegative().nullable(),
  involuntarySwitches: count.nullable(),
  cpuPressureUs: count.nullable(),
});
export type Sentinels = Infer<typeof sentinelsSchema>;

/** Which visit to the cells: one round of one launch of an experiment. */
const visit = { experiment: z.string().min(1), launch: count, round: count };

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
    metrics: z.record(z.string().min(1), z.number()),
  }),
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

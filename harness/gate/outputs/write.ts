import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../../results/write-whole.js';
import { type Gate, gateSchema } from '../gate-schema.js';
import { annotationsOf } from './annotations.js';
import { junitOf } from './junit.js';
import { markdownOf } from './markdown.js';

/** Writes what a gate found: `gate.json`, `gate.md` and `gate.xml` (JUnit). Where GitHub runs it, also the job's summary. */
export function writeGate(folder: string, gate: Gate, environment: NodeJS.ProcessEnv): string[] {
  mkdirSync(folder, { recursive: true });
  writeWhole(join(folder, 'gate.json'), `${JSON.stringify(gateSchema.parse(gate), null, 1)}\n`);
  const summary = markdownOf(gate);
  writeWhole(join(folder, 'gate.md'), summary);
  writeWhole(join(folder, 'gate.xml'), junitOf(gate));
  if (environment.GITHUB_STEP_SUMMARY) appendFileSync(environment.GITHUB_STEP_SUMMARY, summary);
  return environment.GITHUB_ACTIONS === 'true' ? annotationsOf(gate) : [];
}

import { writeFileSync } from 'node:fs';
import { runJsonSchema } from '../harness/results/run-schema.js';

/** Writes the published JSON Schema of run.json anew: npm run schema. */
writeFileSync('harness/results/run.schema.json', `${JSON.stringify(runJsonSchema(), null, 2)}\n`);

import { writeFileSync } from 'node:fs';
import { configJsonSchema } from '../harness/gate/config.js';
import { gateJsonSchema } from '../harness/gate/gate-schema.js';
import { runJsonSchema } from '../harness/results/run-schema.js';

/** Writes the published JSON Schemas anew: npm run schema. */
const SCHEMAS = {
  'harness/results/run.schema.json': runJsonSchema,
  'harness/gate/gate.schema.json': gateJsonSchema,
  'harness/gate/config.schema.json': configJsonSchema,
};
for (const [path, schema] of Object.entries(SCHEMAS)) {
  writeFileSync(path, `${JSON.stringify(schema(), null, 2)}\n`);
}

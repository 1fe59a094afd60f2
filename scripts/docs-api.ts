import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import '../harness/cli/begin.js';
import { apiOf, pageOf } from './docs/api.js';

/** `npm run docs:api -- [FOLDER]`: writes the API reference, a page for each entry of the package, by default into docs/api. */

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

const [folder = join(CHECKOUT, 'docs/api')] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (const [entry, read] of Object.entries(apiOf(CHECKOUT))) {
  const path = join(folder, `${entry.replace('/', '-')}.md`);
  writeFileSync(path, pageOf(entry, read));
  console.log(path);
}

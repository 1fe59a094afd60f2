import { explore } from './explore.js';
import { memory } from './memory.js';
import { model } from './model.js';
import { overview } from './overview.js';
import type { Page } from './page.js';
import { quality } from './quality.js';
import { server } from './server.js';
import { turns } from './turns.js';

/** Every page by its name, in the order of the navigation: one line each. The first has the verdicts. */
export const pages = {
  overview,
  turns,
  server,
  memory,
  model,
  explore,
  quality,
} as const satisfies Record<string, Page>;

import { overview } from './overview.js';
import type { Page } from './page.js';

/** Every page by its name: one line each. */
export const pages = {
  overview,
} as const satisfies Record<string, Page>;

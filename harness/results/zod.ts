import { createRequire } from 'node:module';
import type * as zod from 'zod';

/** Loaded file by file: as a module, zod opens some fifty files at once, more than a small fd limit allows. */
export const { z } = createRequire(import.meta.url)('zod') as typeof zod;

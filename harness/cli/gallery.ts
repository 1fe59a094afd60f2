import { mkdirSync } from 'node:fs';
import { requireFds } from './fds-for-drawing.js';
import { folderOf } from './folder-of.js';
import { UsageError } from './usage.js';

const DEFAULT_OUT = 'results/gallery';

/** Writes a page with a card for each run, and every run's own pages below it; prints where. @throws DamagedFile, UsageError, TooFewFds */
export async function gallery(
  runs: readonly string[],
  { out = DEFAULT_OUT }: { out?: string },
): Promise<void> {
  const folders = runs.map(folderOf);
  requireFds(`gallery ${runs.join(' ')}`);
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    throw new UsageError(
      `${out} cannot be made (${(error as NodeJS.ErrnoException).code}); choose another --out`,
    );
  }
  const { writeGallery } = await import('../../reports/gallery.js');
  process.stdout.write(`${await writeGallery(out, folders)}\n`);
}

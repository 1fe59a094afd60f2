import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The sources of the checkout, for tests of what stands in them. */

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const isOfTests = (path: string): boolean => /\.test\.tsx?$|\/testing\//.test(path);

/** Those below these folders, without tests and what only tests use. */
export const sourcesIn = (folders: readonly string[]): string[] =>
  folders
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
        (path) => `${folder}/${path}`,
      ),
    )
    .filter((path) => /\.tsx?$/.test(path) && !isOfTests(path));

const COMMENTS = /\/\*[\s\S]*?\*\/|(?<![:'"`\w])\/\/.*$/gm;

export const withoutComments = (text: string): string => text.replace(COMMENTS, '');

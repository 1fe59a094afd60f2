import { realpathSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';

/**
 * A run is for others, and paths name users, hosts and projects. Messages keep them on the screen; in a file each is cut to
 * its last part, unless it is one that every system has.
 */

const COMMON = /^\/(?:bin|boot|dev|etc|lib|lib64|proc|run|sbin|sys|usr)(?:\/|$)/;
const QUOTED = /(['"`])(\/[^'"`]*)\1/g;
/** Not within a word: cells' names have slashes, too. */
const BARE = /(?<![\w./~…-])\/[^\s'"`,;()[\]]+/g;

const cut = (path: string): string =>
  COMMON.test(path) || path === '/' ? path : `…/${path.split('/').filter(Boolean).at(-1)}`;

/** Folders of this process, whose names may have spaces; longest first, for one may lie in another. */
function ownFolders(): string[] {
  const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
  const folders = [process.cwd(), os.homedir(), os.tmpdir(), root];
  const real = folders.flatMap((folder) => {
    try {
      return [realpathSync(folder)];
    } catch {
      return [];
    }
  });
  return [...new Set([...folders, ...real])]
    .filter((folder) => folder.startsWith('/') && folder !== '/' && !COMMON.test(folder))
    .sort((a, b) => b.length - a.length);
}

export function withoutPaths(text: string, folders: readonly string[] = ownFolders()): string {
  if (!text.includes('/')) return text;
  let cutText = text;
  for (const folder of folders) cutText = cutText.replaceAll(folder, '…');
  return cutText
    .replace(QUOTED, (_, quote: string, path: string) => `${quote}${cut(path)}${quote}`)
    .replace(BARE, cut);
}

/** What in a run's files is told in words. */
const WORDS = new Set(['message', 'advice', 'reason', 'missing', 'condition', 'explanation', 'finding']);

/** The same value with every text of that kind cut. */
export function withoutPathsIn<T>(value: T): T {
  const folders = ownFolders();
  return JSON.parse(
    JSON.stringify(value, (key, part: unknown) =>
      typeof part === 'string' && WORDS.has(key) ? withoutPaths(part, folders) : part,
    ),
  ) as T;
}

import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PROGRAM = 'dist/harness/cli/main.js';

/** Only a checkout has what builds it. */
export const isCheckout = (root = ROOT): boolean => existsSync(join(root, 'scripts/build.sh'));

/**
 * A command of this program as it is typed where it runs: through npm in a checkout, by its name where a shell finds it, as in
 * our container or after `npm install --global`, and through npx in a package.
 */
export function asTyped(command: string, root = ROOT, path = process.env.PATH ?? ''): string {
  if (isCheckout(root)) {
    const [name, ...rest] = command.split(' ');
    if (name !== 'bench') return `npm run -s pollcost -- ${command}`;
    return rest.length === 0 ? 'npm run bench' : `npm run bench -- ${rest.join(' ')}`;
  }
  return `${isOnPath(root, path) ? '' : 'npx '}pollcost ${command}`;
}

/** npm puts its own folders in front while it runs something; the user's shell does not have them. */
function isOnPath(root: string, path: string): boolean {
  const program = realPath(join(root, PROGRAM));
  return path
    .split(':')
    .filter((folder) => folder.startsWith('/') && !folder.endsWith('node_modules/.bin'))
    .some((folder) => program !== null && realPath(join(folder, 'pollcost')) === program);
}

const realPath = (path: string): string | null => (existsSync(path) ? realpathSync(path) : null);

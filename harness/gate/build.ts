import { spawn } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { GateInputError } from './input-error.js';

const LOCKFILE = 'package-lock.json';
const MODULES = 'node_modules';
/** How many lines of a failed build are shown. */
const SHOWN_LINES = 4;

/**
 * Makes a version that was checked out ready to run: its dependencies, shared with the repository where both ask for the
 * same, and its own build. @throws GateInputError that says whose fault it is, with the build's last lines
 */
export async function buildTree(
  tree: string,
  root: string,
  build: string | null,
  label: string,
  stop: AbortSignal,
): Promise<void> {
  if (!existsSync(join(tree, MODULES))) {
    if (asksForTheSame(tree, root)) symlinkSync(join(root, MODULES), join(tree, MODULES));
    else if (existsSync(join(tree, LOCKFILE))) await run('npm ci --no-audit --no-fund', tree, label, stop);
  }
  if (build !== null) await run(build, tree, label, stop);
}

function asksForTheSame(tree: string, root: string): boolean {
  const lockIn = (folder: string) => {
    const path = join(folder, LOCKFILE);
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  };
  return existsSync(join(root, MODULES)) && lockIn(tree) === lockIn(root);
}

function run(command: string, folder: string, label: string, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', command], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-10_000);
      });
    }
    const kill = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
    stop.addEventListener('abort', kill, { once: true });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      stop.removeEventListener('abort', kill);
      if (code === 0) return resolve();
      const lines = said
        .trimEnd()
        .split('\n')
        .slice(-SHOWN_LINES)
        .map((line) => line.trim());
      const how = signal ?? `code ${code}`;
      reject(
        new GateInputError(
          `${label} does not build, which is not the present version's fault: its own '${command}' ended with ${how}: ${lines.join(' | ')}`,
        ),
      );
    });
  });
}

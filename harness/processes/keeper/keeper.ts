import { type ChildProcess, spawn } from 'node:child_process';
import { LATER, sendReason, serveOnNodesLoop } from '../control/child.js';
import type { KeeperProtocol } from './protocol.js';

/**
 * Keeps a program that is not ours: a user's server, by its command. When whoever asked for it hangs up, or dies, the
 * program and everything that it started ends. So the keeper itself must outlive its parent for a moment: it does not ask the
 * kernel to be killed with it, as other children do.
 */
let kept: ChildProcess | null = null;
let said = '';
/** How much of what it said is kept, to tell why it ended. */
const MOST_SAID = 4000;

// Ctrl-C reaches the whole group of the terminal; the parent decides what ends when.
process.on('SIGINT', () => {});

// The loop below ends the process when the parent hangs up.
process.on('exit', () => {
  if (kept?.pid === undefined) return;
  try {
    process.kill(-kept.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
});

serveOnNodesLoop<KeeperProtocol>({
  start({ command, folder }, answered) {
    const child = spawn('sh', ['-c', command], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    kept = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-MOST_SAID);
      });
    }
    child.on('spawn', () => answered({ pid: child.pid as number }));
    child.on('error', answered);
    child.on('close', (code, signal) => {
      // Behind the reason Node prints a stack, and which Node it is.
      const last =
        said.split('\n').findLast((line) => line.trim() !== '' && !/^\s*(at |Node\.js v|[{}^])/.test(line)) ??
        '';
      sendReason(
        new Error(`'${command}' ended with ${signal ?? `code ${code}`}${last === '' ? '' : `: ${last}`}`),
      );
      process.exit(1);
    });
    return LATER;
  },
});

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Found, Tally } from './run.js';
import type { Order } from './worker.js';

/** Workers that are processes, so that one that crashes or spins is seen from outside, and where it was is known. */

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));
const STEP = 500;
/** Far more than so many streams take on a busy machine. */
const PATIENCE_MS = 60_000;

export interface Summary {
  readonly inputs: number;
  readonly tally: Tally;
  /** One line each: what happened, to which stream. */
  readonly failures: readonly string[];
}

/** Tries streams 0 to `inputs`; `progress` is told how many are done. Ends early with the first worker that does not answer. */
export async function tryStreams(
  seed: number,
  inputs: number,
  workers: number,
  progress: (done: number) => void,
): Promise<Summary> {
  const tally: Tally = {};
  const failures: string[] = [];
  let next = 0;
  let done = 0;
  let hasLost = false;
  const work = async () => {
    const child = fork(WORKER, [String(process.pid)]);
    try {
      while (next < inputs && !hasLost) {
        const order = { seed, from: next, to: Math.min(next + STEP, inputs) };
        next = order.to;
        const found = await answerOf(child, order);
        if (typeof found === 'string') {
          hasLost = true;
          failures.push(`${found} in streams ${order.from} to ${order.to - 1} of seed ${seed}`);
          return;
        }
        for (const [name, count] of Object.entries(found.tally)) tally[name] = (tally[name] ?? 0) + count;
        for (const { index, outcome, pieces } of found.failures)
          failures.push(
            `${outcome.kind}: ${outcome.why}; seed ${seed}, stream ${index}: ${pieces.join(' ')}`,
          );
        done += order.to - order.from;
        progress(done);
      }
    } finally {
      child.kill('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return { inputs: done, tally, failures };
}

/** What the worker found, or what became of it. */
function answerOf(child: ChildProcess, order: Order): Promise<Found | string> {
  return new Promise((resolve) => {
    const settle = (answer: Found | string) => {
      clearTimeout(late);
      child.removeAllListeners('message').removeAllListeners('exit');
      resolve(answer);
    };
    const late = setTimeout(() => settle('spin'), PATIENCE_MS);
    child.once('message', (found) => settle(found as Found));
    child.once('exit', (code, signal) => settle(`crash (${signal ?? `code ${code}`})`));
    child.send(order);
  });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../harness/cli/main.js', import.meta.url));

/** A `pollcost serve` of our own, as a user would start it. It ends with this process. */
export interface Subject {
  readonly port: number;
  /** Of the process that serves. */
  readonly pid: number;
  /** What it has written to stderr so far. */
  complaints(): string;
  /** Ends its stdin and waits. Returns the exit code. */
  end(): Promise<number | null>;
}

export async function startSubject(poller: string, app: string): Promise<Subject> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--poller', poller, '--app', app], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Garbage is collected soon: a heap that grows to its comfortable size hides what is kept for ever.
    env: { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --max-semi-space-size=1` },
  });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const exit = once(child, 'close') as Promise<[number | null]>;
  const line = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
  const [first] = await Promise.race([line, exit]);
  const port = Number(/^listening on .*:(\d+)$/.exec(String(first))?.[1]);
  if (!port) throw new Error(`serve did not start: ${complaints}`);
  const [pid] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
  return {
    port,
    pid: Number(pid),
    complaints: () => complaints,
    async end() {
      child.stdin.end();
      return (await exit)[0];
    },
  };
}

import { readSync, writeSync } from 'node:fs';
import { dieWithParent, ignoreInterrupts } from '../../../pollers/libc/process.js';
import { CONTROL_FD, type Protocol } from './messages.js';

export type Handlers<P extends Protocol<P>> = {
  readonly [K in keyof P]: (ask: P[K]['ask']) => P[K]['answer'];
};

/**
 * Ties this process to its parent: the kernel ends it when the parent ends, however that happens. Ctrl-C reaches the
 * whole foreground group; what it means is the parent's to decide. The parent's pid is the only argument.
 */
export function belongToParent(): void {
  dieWithParent();
  ignoreInterrupts();
  if (process.ppid !== Number(process.argv[2])) process.exit(1);
}

/** Answers requests one at a time, blocking in between, until the parent hangs up. */
export function serve<P extends Protocol<P>>(handlers: Handlers<P>): void {
  for (const line of requests()) {
    const { id, do: name, ...ask } = JSON.parse(line) as { id: number; do: keyof P };
    let reply: object;
    try {
      const handler = handlers[name];
      if (!handler) throw new Error(`unknown request ${String(name)}`);
      reply = { id, ok: true, ...handler(ask as P[keyof P]['ask']) };
    } catch (error) {
      reply = { id, ok: false, error: error instanceof Error ? error.message : String(error) };
    }
    writeAll(`${JSON.stringify(reply)}\n`);
  }
}

function* requests(): Generator<string> {
  const chunk = Buffer.allocUnsafe(65536);
  let pending: Buffer = Buffer.alloc(0);
  for (;;) {
    const count = readSync(CONTROL_FD, chunk);
    if (count === 0) return;
    pending = Buffer.concat([pending, chunk.subarray(0, count)]);
    for (let end = pending.indexOf(10); end !== -1; end = pending.indexOf(10)) {
      yield pending.toString('utf8', 0, end);
      pending = pending.subarray(end + 1);
    }
  }
}

function writeAll(text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(CONTROL_FD, bytes, at);
}

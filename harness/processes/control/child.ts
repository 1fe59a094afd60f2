import { readSync, writeSync } from 'node:fs';
import { dieWithParent, ignoreInterrupts } from '../../../pollers/libc/process.js';
import { CONTROL_FD, type Protocol } from './messages.js';

export type Handlers<P extends Protocol<P>> = {
  readonly [K in keyof P]: (ask: P[K]['ask'], id: number) => P[K]['answer'];
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

/** Answers requests one at a time, blocking in between, until the parent hangs up. `afterEach` runs once one is answered. */
export function serve<P extends Protocol<P>>(handlers: Handlers<P>, afterEach: () => void = () => {}): void {
  for (const request of requests()) {
    answerWith(handlers, request);
    afterEach();
  }
}

/** Answers the first request alone; for children whose loop listens afterwards. False: the parent has hung up. */
export function serveOnce<P extends Protocol<P>>(handlers: Handlers<P>): boolean {
  for (const request of requests()) {
    answerWith(handlers, request);
    return true;
  }
  return false;
}

export interface Request {
  readonly id: number;
  readonly do: string;
}

/** Calls the handler of a request and sends what it answers, or why it could not. */
export function answerWith<P extends Protocol<P>>(
  handlers: Handlers<P>,
  { id, do: name, ...ask }: Request,
): void {
  let reply: object;
  try {
    const handler = handlers[name as keyof P];
    if (!handler) throw new Error(`unknown request ${name}`);
    reply = { id, ok: true, ...handler(ask as P[keyof P]['ask'], id) };
  } catch (error) {
    reply = { id, ok: false, error: error instanceof Error ? error.message : String(error) };
  }
  sendReply(reply);
}

/** Sends a reply; for children that answer later. */
export function sendReply(reply: object): void {
  writeAll(`${JSON.stringify(reply)}\n`);
}

function* requests(): Generator<Request> {
  const chunk = Buffer.allocUnsafe(65536);
  let pending: Buffer = Buffer.alloc(0);
  for (;;) {
    const count = readSync(CONTROL_FD, chunk);
    if (count === 0) return;
    pending = Buffer.concat([pending, chunk.subarray(0, count)]);
    for (let end = pending.indexOf(10); end !== -1; end = pending.indexOf(10)) {
      const line = pending.toString('utf8', 0, end);
      pending = pending.subarray(end + 1);
      yield JSON.parse(line) as Request;
    }
  }
}

function writeAll(text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(CONTROL_FD, bytes, at);
}

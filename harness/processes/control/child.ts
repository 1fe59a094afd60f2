import { readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { dieWithParent, ignoreInterrupts } from '../../../pollers/libc/process.js';
import type { IOLoop } from '../../ioloop/ioloop.js';
import { ControlFd } from './control-fd.js';
import { CONTROL_FD, LineSplitter, type Protocol, type Reply, type Request } from './messages.js';

/** What a handler returns that answers later. */
export const LATER = Symbol('answered later');

/** Takes the answer, or why there is none; once. */
export type Answered<A> = (answer: A | Error) => void;

/**
 * What a child does when it is asked. A handler returns its answer, throws what it refuses, or returns LATER and calls
 * `answered` when it has the answer. It is a callback, since no promise settles while a loop of ours runs.
 */
export type Handlers<P extends Protocol<P>> = {
  readonly [K in keyof P]: (
    ask: P[K]['ask'],
    answered: Answered<P[K]['answer']>,
  ) => P[K]['answer'] | typeof LATER;
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

/** Hands each request to its handler and sends what comes of it: every request gets one reply. One is answered at a time. */
export class Dispatcher<P extends Protocol<P>> {
  readonly #handlers: Handlers<P>;
  readonly #send: (reply: Reply) => void;
  #unanswered: string | null = null;

  constructor(handlers: Handlers<P>, send: (reply: Reply) => void = sendReply) {
    this.#handlers = handlers;
    this.#send = send;
  }

  dispatch({ id, do: name, ...ask }: Request): void {
    if (this.#unanswered !== null) {
      this.#send(
        refusal(id, new Error(`cannot ${name}: the last request, '${this.#unanswered}', is not over`)),
      );
      return;
    }
    this.#unanswered = name;
    const answered = (answer: object | Error) => {
      this.#unanswered = null;
      this.#send(answer instanceof Error ? refusal(id, answer) : { id, ok: true, ...answer });
    };
    try {
      if (!Object.hasOwn(this.#handlers, name)) throw new Error(`unknown request '${name}'`);
      const answer = this.#handlers[name as keyof P](ask as P[keyof P]['ask'], answered);
      if (answer !== LATER) answered(answer);
    } catch (error) {
      answered(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

const refusal = (id: number, { message, name }: Error): Reply => ({
  id,
  ok: false,
  error: message,
  kind: name,
});

/** Answers requests one at a time, blocking in between, until the parent hangs up. `afterEach` runs once one is answered. */
export function serve<P extends Protocol<P>>(handlers: Handlers<P>, afterEach: () => void = () => {}): void {
  serveUntil(handlers, () => {
    afterEach();
    return false;
  });
}

/** Answers requests, blocking in between, until `isOver` says so behind one. False: the parent has hung up before. */
export function serveUntil<P extends Protocol<P>>(handlers: Handlers<P>, isOver: () => boolean): boolean {
  const dispatcher = new Dispatcher(handlers);
  for (const request of requests()) {
    dispatcher.dispatch(request);
    if (isOver()) return true;
  }
  return false;
}

/** Answers requests while this loop runs, which the parent's hanging up stops. Returns what it hears them on. */
export function serveOnLoop<P extends Protocol<P>>(handlers: Handlers<P>, loop: IOLoop): ControlFd {
  const dispatcher = new Dispatcher(handlers);
  const control = new ControlFd(CONTROL_FD, (message) => dispatcher.dispatch(message as Request));
  control.watch(loop);
  return control;
}

/** Answers requests on Node's own loop, and ends the process when the parent hangs up. */
export function serveOnNodesLoop<P extends Protocol<P>>(handlers: Handlers<P>): void {
  const control = new Socket({ fd: CONTROL_FD, readable: true, writable: true });
  const lines = new LineSplitter();
  const dispatcher = new Dispatcher(handlers, (reply) => control.write(`${JSON.stringify(reply)}\n`));
  control.on('data', (piece: Buffer) => {
    for (const line of lines.push(piece)) dispatcher.dispatch(JSON.parse(line));
  });
  control.on('close', () => process.exit(0));
}

/** Tells the parent why this process is about to end. */
export function sendReason(why: Error): void {
  sendReply(refusal(0, why));
}

function sendReply(reply: Reply): void {
  const bytes = Buffer.from(`${JSON.stringify(reply)}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(CONTROL_FD, bytes, at);
}

function* requests(): Generator<Request> {
  const piece = Buffer.allocUnsafe(65536);
  const lines = new LineSplitter();
  for (;;) {
    const count = readSync(CONTROL_FD, piece);
    if (count === 0) return;
    for (const line of lines.push(piece.subarray(0, count))) yield JSON.parse(line);
  }
}

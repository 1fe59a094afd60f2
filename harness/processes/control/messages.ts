/**
 * What the harness and its child processes say to each other over fd 3: one JSON object per line,
 * request `{id, do, ...ask}`, reply `{id, ok: true, ...answer}` or `{id, ok: false, error, kind}`.
 */

export type Protocol<P> = { [K in keyof P]: { ask: object; answer: object } };

/** The fd on which a child hears from its parent. */
export const CONTROL_FD = 3;

export type FileTable = 'private' | 'shared';

export type SocketKind = 'tcp' | 'unix' | 'eventfd';

export interface Request {
  readonly id: number;
  readonly do: string;
}

/** `id` 0 answers no request: the child says why it is about to end. `kind` is the name of its error. */
export type Reply =
  | { readonly id: number; readonly ok: true }
  | { readonly id: number; readonly ok: false; readonly error: string; readonly kind?: string };

const NEWLINE = 10;

/** Puts the lines of a stream together, in whatever pieces it comes. */
export class LineSplitter {
  #unfinished: Buffer = Buffer.alloc(0);

  /** The lines that this piece finishes. The piece is not kept. */
  push(piece: Uint8Array): string[] {
    const lines: string[] = [];
    let rest = Buffer.concat([this.#unfinished, piece]);
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
      lines.push(rest.toString('utf8', 0, end));
      rest = rest.subarray(end + 1);
    }
    this.#unfinished = rest;
    return lines;
  }
}

/** Present with its figures, or absent for a reason. */
export type Available<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly reason: string };

/** Microseconds from the intended time of a request to the last byte of its answer. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

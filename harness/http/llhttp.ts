import { createRequire } from 'node:module';
import { BLOCK_BYTES } from '../net/per-loop.js';

/**
 * The only file that knows llhttp, the parser of Node's own server, here in the WebAssembly build that undici ships. One
 * instance with one block of input serves all parsers of the thread: whoever parses loads bytes, and no callback of this
 * file lets others come in between.
 *
 * This build is lenient where Node's is strict: it lets folded lines and spaces in names pass, and in many places takes
 * anything for the LF behind a CR. `head.ts` checks what it frames.
 */

/** Every byte is taken, and neither head nor message is complete. */
export const MORE = 0;
/** The head is complete; `at` is behind it. */
export const HEAD = 1;
/** The message is complete; `at` is behind it. */
export const MESSAGE = 2;
/** What came is no HTTP, or `onBody` has refused it. */
export const REFUSED = 3;
export type Stop = typeof MORE | typeof HEAD | typeof MESSAGE | typeof REFUSED;

/** What a parser finds after a head. Positions are those in the block. */
export interface BodyListener {
  /** Returns whether to go on. */
  onBody(from: number, to: number): boolean;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  _initialize(): void;
  malloc(bytes: number): number;
  llhttp_alloc(type: number): number;
  llhttp_free(parser: number): void;
  llhttp_reset(parser: number): void;
  llhttp_resume(parser: number): void;
  llhttp_execute(parser: number, from: number, bytes: number): number;
  llhttp_get_error_pos(parser: number): number;
}

// TypeScript has this among the types of browsers only.
declare const WebAssembly: {
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** llhttp's numbers. */
const REQUEST = 1;
const OK = 0;
const PAUSED = 21;
const USER = 24;

let current: Llhttp;
const ignore = () => OK;

const code = createRequire(import.meta.url)('undici/lib/llhttp/llhttp-wasm.js') as Uint8Array;
const llhttp = new WebAssembly.Instance(new WebAssembly.Module(code), {
  env: {
    wasm_on_message_begin: ignore,
    wasm_on_url: ignore,
    wasm_on_status: ignore,
    wasm_on_header_field: ignore,
    wasm_on_header_value: ignore,
    wasm_on_headers_complete: (_parser: number, _status: number, _upgrade: number, keepsAlive: number) =>
      current.onHead(keepsAlive === 1),
    wasm_on_body: (_parser: number, at: number, length: number) =>
      current.onBody(at - block, at - block + length),
    wasm_on_message_complete: () => current.onMessage(),
  },
}).exports as Exports;
llhttp._initialize();

const block = llhttp.malloc(BLOCK_BYTES);
let memory = Buffer.from(llhttp.memory.buffer);

/** Copies bytes, at most BLOCK_BYTES, to where the parsers read them, over what was there. */
export function load(bytes: Uint8Array): void {
  memory.set(bytes, block);
}

/** A view of what is loaded, until the next `load` or the next new parser. */
export const loaded = (from: number, to: number): Buffer => memory.subarray(block + from, block + to);

export const loadedText = (from: number, to: number): string =>
  memory.toString('latin1', block + from, block + to);

export const loadedByte = (at: number): number => memory[block + at] as number;

/** A parser of requests. It stops behind each head and each message. `free` gives its memory back. */
export class Llhttp {
  /** How many there are, for those who look for leaks. */
  static alive = 0;

  /** Where it stopped, in the block. */
  at = 0;
  /** Whether the connection may go on after this message; known from the head on. */
  keepsAlive = false;
  readonly #pointer: number;
  readonly #listener: BodyListener;
  #stop: Stop = MORE;

  constructor(listener: BodyListener) {
    this.#listener = listener;
    this.#pointer = llhttp.llhttp_alloc(REQUEST);
    Llhttp.alive++;
    // The memory may have grown, and then it lies elsewhere.
    if (memory.buffer !== llhttp.memory.buffer) memory = Buffer.from(llhttp.memory.buffer);
  }

  /** Parses loaded bytes. */
  execute(from: number, to: number): Stop {
    const pointer = this.#pointer;
    if (this.#stop !== MORE) llhttp.llhttp_resume(pointer);
    this.#stop = MORE;
    current = this;
    const outcome = llhttp.llhttp_execute(pointer, block + from, to - from);
    this.at = outcome === OK ? to : llhttp.llhttp_get_error_pos(pointer) - block;
    // With a reason of its own a pause is not ours: one for HTTP/2, say.
    if (outcome !== OK && (outcome !== PAUSED || this.#stop === MORE)) this.#stop = REFUSED;
    return this.#stop;
  }

  /** The next byte begins a message, whatever became of the last one. */
  restart(): void {
    llhttp.llhttp_reset(this.#pointer);
    this.#stop = MORE;
  }

  free(): void {
    llhttp.llhttp_free(this.#pointer);
    Llhttp.alive--;
  }

  /** For the callbacks above. */
  onHead(keepsAlive: boolean): number {
    this.keepsAlive = keepsAlive;
    this.#stop = HEAD;
    return PAUSED;
  }

  onBody(from: number, to: number): number {
    return this.#listener.onBody(from, to) ? OK : USER;
  }

  onMessage(): number {
    this.#stop = MESSAGE;
    return PAUSED;
  }
}

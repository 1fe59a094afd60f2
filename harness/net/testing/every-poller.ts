import assert from 'node:assert/strict';
import { Workbench } from '../../../pollers/contract/workbench.js';
import { close, setNonBlocking } from '../../../pollers/libc/linux/files.js';
import {
  accept,
  connectToLoopback,
  listenOnLoopback,
  socketpair,
} from '../../../pollers/libc/linux/sockets.js';
import { createPoller } from '../../../pollers/loaded.js';
import type { PollerName } from '../../../pollers/manifest.js';
import type { Poller } from '../../../pollers/poller.js';
import type { ErrorReport } from '../../ioloop/errors.js';
import { IOLoop } from '../../ioloop/ioloop.js';
import { type Cannot, testEveryPoller } from '../../ioloop/testing/on-every-poller.js';
import { IOStream } from '../iostream.js';
import type { StreamOptions } from '../stream-options.js';
import { TCPServer, type TCPServerOptions } from '../tcp-server.js';

/** Far more than anything here takes on a busy machine, and less than a workbench gives a loop that hangs. */
const PATIENCE_MS = 50_000;

/** One test's loop, and what it opens; everything is closed afterwards. */
export class Net {
  readonly name: PollerName;
  readonly poller: Poller;
  readonly bench: Workbench;
  /** What went to the loop's error sink. A test that expects some takes them away. */
  readonly errors: ErrorReport[] = [];
  readonly loop: IOLoop;
  readonly #streams: IOStream[] = [];
  readonly #servers: TCPServer[] = [];

  constructor(name: PollerName, poller: Poller) {
    this.name = name;
    this.poller = poller;
    this.bench = new Workbench({ name, create: () => createPoller(name) });
    this.loop = new IOLoop({ poller, onError: (report) => this.errors.push(report) });
  }

  stream(fd: number, options?: StreamOptions): IOStream {
    const stream = new IOStream(this.loop, fd, options);
    this.#streams.push(stream);
    return stream;
  }

  /** A stream on one end of a unix socket pair, and the other end. */
  pair(options?: StreamOptions): [IOStream, number] {
    const [one, other] = socketpair();
    return [this.stream(one, options), this.bench.own(other)];
  }

  /** A stream on the server's end of a TCP connection, and the client's end. */
  tcp(options?: StreamOptions): [IOStream, number] {
    const listener = listenOnLoopback();
    const client = this.bench.own(connectToLoopback(listener.port));
    setNonBlocking(client);
    // Loopback completes the handshake before connect returns.
    const server = accept(listener.fd);
    close(listener.fd);
    return [this.stream(server, options), client];
  }

  /** A server that listens on a free port of 127.0.0.1. */
  server(handle: (stream: IOStream, server: TCPServer) => void, options?: TCPServerOptions): TCPServer {
    const keep = (stream: IOStream) => this.#streams.push(stream);
    class TestServer extends TCPServer {
      override handleStream(stream: IOStream): void {
        keep(stream);
        handle(stream, this);
      }
    }
    const server = new TestServer(this.loop, options);
    this.#servers.push(server);
    return server;
  }

  serve(handle: (stream: IOStream, server: TCPServer) => void, options?: TCPServerOptions) {
    const server = this.server(handle, options);
    return { server, port: server.listen(0) };
  }

  /** Runs the loop until `isDone`, which is asked every turn. */
  until(isDone: () => boolean, what = 'what was waited for'): void {
    const { loop } = this;
    const deadlineMs = loop.time() + PATIENCE_MS;
    let late = false;
    // A timer and not a callback, so that the poller may block.
    const ask = () => {
      late = loop.time() > deadlineMs;
      if (isDone() || late) loop.stop();
      else loop.callLater(1, ask);
    };
    ask();
    loop.start();
    assert.ok(!late || isDone(), `${what} did not come`);
  }

  runFor(ms: number): void {
    this.loop.callLater(ms, () => this.loop.stop());
    this.loop.start();
  }

  /** Calls `action` in each turn until it returns false. */
  eachTurn(action: () => boolean): void {
    const turn = () => {
      if (action()) this.loop.addCallback(turn);
    };
    this.loop.addCallback(turn);
  }

  async clear(): Promise<void> {
    for (const server of this.#servers) server.stop();
    for (const stream of this.#streams) stream.close();
    this.loop.close();
    await this.bench.clear();
  }
}

/** Runs a test of a line of the catalogue once with every poller, except with those that cannot pass it, for the reason given. */
export function onEveryPoller(
  line: string,
  title: string,
  body: (net: Net) => void | Promise<void>,
  cannot?: Cannot,
): void {
  const run = async (name: PollerName, poller: Poller) => {
    const net = new Net(name, poller);
    try {
      await body(net);
    } finally {
      await net.clear();
    }
    assert.deepEqual(net.errors, [], 'nothing went to the error sink');
  };
  testEveryPoller((name) => `${line} ${name}: ${title}`, run, cannot);
}

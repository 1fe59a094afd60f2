import assert from 'node:assert/strict';
import { setNonBlocking } from '../../../pollers/libc/linux/files.js';
import { connectToLoopback, resetOnClose } from '../../../pollers/libc/linux/sockets.js';
import type { IOStream } from '../../net/iostream.js';
import { CLOSED, type Closed } from '../../net/outcomes.js';
import { type Net, onEveryPoller } from '../../net/testing/every-poller.js';
import type { Handler } from '../connection.js';
import { HTTPServer, type HTTPServerOptions } from '../http-server.js';
import { Llhttp } from '../llhttp.js';

/** A client that sends what it is told and keeps what it gets. */
export class Client {
  received = '';
  /** The server has ended its direction, properly. */
  hasEnd = false;
  readonly #stream: IOStream;
  #wanted = Number.POSITIVE_INFINITY;

  constructor(net: Net, port: number) {
    const fd = connectToLoopback(port);
    setNonBlocking(fd);
    this.#stream = net.stream(fd, { allowHalfOpen: true });
    this.read();
  }

  /** The code of what closed the connection, if that was an error. */
  get error(): string | undefined {
    return (this.#stream.error as { code?: string } | undefined)?.code;
  }

  send(text: string): void {
    this.#stream.write(Buffer.from(text, 'latin1'));
  }

  endSending(): void {
    this.#stream.shutdown();
  }

  stopReading(): void {
    this.#stream.cancelRead();
  }

  /** Goes on reading, until about so many bytes have come. */
  read(bytes = Number.POSITIVE_INFINITY): void {
    this.#wanted = bytes;
    if (!this.#stream.closed && !this.#stream.reading) this.#stream.readSome(this.#keep);
  }

  leave(): void {
    this.#stream.close();
  }

  reset(): void {
    resetOnClose(this.#stream.fd);
    this.#stream.close();
  }

  readonly #keep = (bytes: Buffer | Closed): void => {
    if (bytes === CLOSED) {
      this.hasEnd = this.error === undefined;
      return;
    }
    this.received += bytes.toString('latin1');
    this.#wanted -= bytes.length;
    if (this.#wanted > 0) this.#stream.readSome(this.#keep);
  };
}

/** A server on a poller, and its clients. */
export class Site {
  readonly net: Net;
  readonly #servers: HTTPServer[] = [];
  readonly #clients: Client[] = [];

  constructor(net: Net) {
    this.net = net;
  }

  serve(handler: Handler, options?: HTTPServerOptions): { server: HTTPServer; port: number } {
    const server = new HTTPServer(this.net.loop, handler, options);
    const port = server.listen(0);
    this.#servers.push(server);
    return { server, port };
  }

  client(port: number): Client {
    const client = new Client(this.net, port);
    this.#clients.push(client);
    return client;
  }

  until(isDone: () => boolean, what: string): void {
    this.net.until(isDone, what);
  }

  get servers(): number {
    return this.#servers.length;
  }

  clear(): void {
    for (const client of this.#clients) client.leave();
    this.until(
      () => this.#servers.every(({ connections }) => connections === 0),
      'the end of all connections',
    );
    for (const server of this.#servers) server.stop();
  }
}

/** Runs a test of a line of the catalogue with every poller; nothing may be left of it, no connection and no parser. */
export function onEveryServer(line: string, title: string, body: (site: Site) => void): void {
  onEveryPoller(line, title, (net) => {
    const site = new Site(net);
    const parsers = Llhttp.alive;
    body(site);
    site.clear();
    // One for each server, which lives as long as it does.
    assert.ok(Llhttp.alive <= parsers + site.servers, `${Llhttp.alive - parsers} parsers are left`);
  });
}

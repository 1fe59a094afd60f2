import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { until } from '../../../testing/until.js';
import { type Child, startHerd } from '../../control/parent.js';
import { FIXED_REPLY } from '../../server/apps/fixed.js';
import type { HerdProtocol } from '../protocol.js';
import { REQUEST } from '../request.js';

/** Servers that answer a herd in ways of their own. */

export type Herd = Child<HerdProtocol>;

/** A server in this process that answers the `nth` request of a connection, counted from 0, in its own way. */
export class Peer {
  readonly sockets: Socket[] = [];
  readonly #server: Server;
  readonly #requests = new Map<Socket, number>();

  constructor(answer: (socket: Socket, nth: number) => void) {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.sockets.push(socket);
      this.#requests.set(socket, 0);
      socket.on('error', () => socket.destroy());
      let bytes = 0;
      socket.on('data', (chunk) => {
        for (bytes += chunk.length; bytes >= REQUEST.length; bytes -= REQUEST.length) {
          const nth = this.#requests.get(socket) ?? 0;
          this.#requests.set(socket, nth + 1);
          answer(socket, nth);
        }
      });
    });
  }

  async port(): Promise<number> {
    this.#server.listen(0, '127.0.0.1', 4096);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Waits for so many connections: those who made them may know before this process has accepted the last one. */
  accepted(count: number): Promise<void> {
    return until(
      () => this.sockets.length === count,
      () => `${count} connections, of ${this.sockets.length}`,
    );
  }

  /** How many requests each connection has made. */
  counts(): number[] {
    return this.sockets.map((socket) => this.#requests.get(socket) ?? 0).sort((a, b) => a - b);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

export const polite = (socket: Socket): void => {
  socket.write(FIXED_REPLY);
};

/** A herd before such a server. */
export async function withPeer(
  answer: (socket: Socket, nth: number) => void,
  use: (herd: Herd, port: number, peer: Peer) => Promise<void>,
): Promise<void> {
  const peer = new Peer(answer);
  const herd = startHerd();
  try {
    await use(herd, await peer.port(), peer);
  } finally {
    await herd.end();
    await peer.close();
  }
}

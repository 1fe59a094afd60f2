import type { IOLoop } from '../../ioloop/ioloop.js';
import { randomFrom } from '../load/random.js';
import { Client, type Surroundings } from './client.js';
import type { SoakReport } from './protocol.js';
import type { Talk } from './talks.js';
import { drawTemper, tempers } from './tempers.js';

export interface CrowdOptions {
  readonly loop: IOLoop;
  readonly host: string;
  readonly port: number;
  readonly talk: Talk;
  readonly connections: number;
  readonly seed: number;
}

/** Questions a second, of all together. */
const QUESTIONS_PER_SECOND = 3000;
const MOST_REASONS = 5;
const REBIRTH_MS = 300;
/** All come within this share of the storm, and within a second: the queue of the listener is bounded. */
const ARRIVAL_SHARE = 0.25;
const MOST_ARRIVAL_MS = 1000;
const LOOK_EVERY_MS = 5;
/** A request that waits behind others of its connection takes a turn of the server: thousands of them, many seconds. */
const PATIENCE_MS = 45_000;

/** A number of clients: each that leaves is followed by another one, of another temper. */
export class Crowd implements Surroundings {
  readonly loop: IOLoop;
  readonly host: string;
  readonly port: number;
  readonly talk: Talk;
  readonly random: () => number;
  readonly pauseMs: number;
  isQuiet = true;

  readonly #connections: number;
  readonly #clients = new Set<Client>();
  readonly #tally = {
    connections: 0,
    requests: 0,
    bytesChecked: 0,
    resets: 0,
    halfCloses: 0,
    slowReaders: 0,
    slowWriters: 0,
    errors: 0,
  };
  readonly #reasons: string[] = [];
  #storm = 0;

  constructor({ loop, host, port, talk, connections, seed }: CrowdOptions) {
    this.loop = loop;
    this.host = host;
    this.port = port;
    this.talk = talk;
    this.random = randomFrom(seed);
    this.pauseMs = (connections / QUESTIONS_PER_SECOND) * 1000;
    this.#connections = connections;
  }

  get report(): SoakReport {
    return { ...this.#tally, reasons: this.#reasons };
  }

  /** Calls back when the storm is over and everybody stands still. */
  storm(ms: number, done: () => void): void {
    this.isQuiet = false;
    this.#storm++;
    const arrivalMs = Math.min(MOST_ARRIVAL_MS, ms * ARRIVAL_SHARE);
    // However few they are, there is one of each temper.
    for (let made = 0; made < this.#connections; made++) this.#bear(this.random() * arrivalMs, tempers[made]);
    this.loop.callLater(ms, () => {
      this.isQuiet = true;
      // Every other slow reader leaves the server with a full socket.
      let readers = 0;
      for (const client of this.#clients) if (readers % 2 === 1 || client.holdBack()) readers++;
      this.#when((client) => client.isStill, 'does not come to rest', done);
    });
  }

  /** Calls back when nobody is left. */
  leave(done: () => void): void {
    for (const client of this.#clients) client.leave();
    this.#when(() => false, 'does not come to its end', done);
  }

  count(what: 'requests' | 'resets' | 'halfCloses' | 'bytesChecked', by: number): void {
    this.#tally[what] += by;
  }

  complain(reason: string): void {
    this.#tally.errors++;
    if (this.#reasons.length < MOST_REASONS) this.#reasons.push(reason);
  }

  gone(client: Client): void {
    this.#clients.delete(client);
    this.#bear(this.random() * REBIRTH_MS);
  }

  #bear(delayMs: number, temper = drawTemper(this.random)): void {
    const storm = this.#storm;
    this.loop.callLater(delayMs, () => {
      if (this.isQuiet || storm !== this.#storm) return;
      this.#clients.add(new Client(this, temper));
      this.#tally.connections++;
      if (temper.readsSlowly) this.#tally.slowReaders++;
      if (temper.writesSlowly) this.#tally.slowWriters++;
    });
  }

  /** Calls back when all clients that are there are so; complains of those that are not after a long time. */
  #when(isSo: (client: Client) => boolean, otherwise: string, done: () => void): void {
    const deadlineMs = this.loop.time() + PATIENCE_MS;
    const look = () => {
      const others = [...this.#clients].filter((client) => !isSo(client));
      if (others.length > 0 && this.loop.time() < deadlineMs) {
        this.loop.callLater(LOOK_EVERY_MS, look);
        return;
      }
      for (const client of others) this.complain(`a client ${otherwise}: ${client.situation}`);
      done();
    };
    look();
  }
}

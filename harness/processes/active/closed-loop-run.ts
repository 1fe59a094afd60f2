import type { EventEmitter } from 'node:events';
import autocannon from 'autocannon';
import { LatencyHistogram } from '../load/latency-histogram.js';
import type { ActiveProtocol } from './protocol.js';

type Answer = ActiveProtocol['run']['answer'];

const PATIENCE_S = 5;
/** How often autocannon looks whether it is over, in ms. */
const SAMPLE_MS = 20;
/** It shall not end of itself. */
const A_DAY_S = 86_400;

/** One connection of autocannon 9, which connects anew whenever it has to; its types do not know all of it. */
interface Client extends EventEmitter {
  /** Once it has made so many requests it destroys itself instead of making another. */
  responseMax: number | undefined;
  destroy(): void;
}

/** What came of one client's requests, of which there is one under way at any time. */
class Tally {
  requests = 0;
  errors = 0;
  readonly #client: Client;
  #isWaiting = false;

  constructor(client: Client, latencies: LatencyHistogram, onDone: () => void) {
    this.#client = client;
    client.on('request', () => this.#ask());
    client.on('response', (status: number, _bytes: number, ms: number) => {
      this.#isWaiting = false;
      this.requests++;
      if (status < 200 || status > 299) this.errors++;
      else if (this.requests > 1) latencies.record(ms * 1e6);
    });
    // It would connect again at once, and again, as fast as it is refused.
    client.on('connError', () => client.destroy());
    client.once('done', () => {
      if (this.#isWaiting) this.errors++;
      onDone();
    });
  }

  /** The answer that is under way is to be the last. */
  finish(): void {
    this.#client.responseMax = 1;
  }

  giveUp(): void {
    this.#client.destroy();
  }

  /**
   * One that asks while it waits has lost its connection, or its answer did not come in time. From then on it would take
   * each answer for that of the request before, so it is out.
   */
  #ask(): void {
    if (this.#isWaiting) setImmediate(() => this.#client.destroy());
    this.#isWaiting = true;
  }
}

/**
 * Lets autocannon ask on so many connections for so long, each with its next request when the last one was answered.
 * Its rate mode, its workers and its histogram of whole milliseconds are left alone. A connection that fails, or
 * has no answer within 5 s, is one error and is out; an answer that is none of 2xx is one, too.
 */
export async function runClosedLoop(url: string, connections: number, ms: number): Promise<Answer> {
  const latencies = new LatencyHistogram();
  const tallies: Tally[] = [];
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  let left = connections;
  let taken = { seconds: 0, cpuNs: 0 };
  const countDown = () => {
    if (--left > 0) return;
    const { user, system } = process.cpuUsage(cpuBefore);
    taken = { seconds: (performance.now() - startMs) / 1000, cpuNs: (user + system) * 1000 };
  };
  const over = autocannon({
    url,
    connections,
    pipelining: 1,
    timeout: PATIENCE_S,
    duration: A_DAY_S,
    sampleInt: SAMPLE_MS,
    setupClient: (client) => tallies.push(new Tally(client as unknown as Client, latencies, countDown)),
  });
  const onAll = (act: (tally: Tally) => void) => () => tallies.forEach(act);
  const timers = [
    setTimeout(
      onAll((tally) => tally.finish()),
      ms,
    ),
    setTimeout(
      onAll((tally) => tally.giveUp()),
      ms + PATIENCE_S * 1000,
    ),
  ];
  await over;
  timers.forEach(clearTimeout);
  const sum = (of: 'requests' | 'errors') => tallies.reduce((total, tally) => total + tally[of], 0);
  return { requests: sum('requests'), errors: sum('errors'), latencyUs: latencies.summary(), ...taken };
}

import { monotonicNs, threadCpuNs } from '../../../pollers/libc/linux/clock.js';
import { createPoller } from '../../../pollers/loaded.js';
import type { Poller } from '../../../pollers/poller.js';
import type { IOLoop } from '../../ioloop/ioloop.js';
import { PeriodicCallback } from '../../ioloop/periodic-callback.js';
import type { TurnOfPoller } from './protocol.js';

/** What a loop's thread has spent and done. */
interface Moment {
  readonly atNs: number;
  readonly cpuNs: number;
  readonly turns: number;
  readonly sleptTurns: number;
  readonly events: number;
  readonly accepted: number;
  readonly watched: number;
}

/**
 * Pollers that take turns on the same live connections, some milliseconds each, there and back: what a core's speed and caches
 * make of a request changes more slowly, and is the same for all of them. Changing the poller counts for none, and neither does
 * a turn in which a connection came or went.
 */
export class Alternation {
  readonly #loop: IOLoop;
  readonly #accepted: () => number;
  readonly #names: readonly string[];
  readonly #order: readonly number[];
  readonly #spent: TurnOfPoller[];
  readonly #beat: PeriodicCallback;
  #turn = 0;
  #poller: Poller;
  #began: Moment;

  /** @throws as `IOLoop.usePoller` */
  constructor(loop: IOLoop, names: readonly string[], turnMs: number, accepted: () => number) {
    if (names.length === 0) throw new RangeError('there is no poller whose turn it could be');
    this.#loop = loop;
    this.#accepted = accepted;
    this.#names = names;
    const there = names.map((_, index) => index);
    this.#order = [...there, ...there.toReversed()];
    this.#spent = names.map(() => ({ cpuNs: 0, ns: 0, turns: 0, sleptTurns: 0, events: 0 }));
    this.#poller = this.#change();
    this.#began = this.#now();
    this.#beat = new PeriodicCallback(loop, turnMs, () => this.#next());
    this.#beat.start();
  }

  /** What each of them has spent in its turns; the last poller stays. */
  end(): readonly TurnOfPoller[] {
    this.#beat.stop();
    return this.#spent;
  }

  #next(): void {
    this.#count(this.#now());
    this.#turn++;
    this.#poller = this.#change();
    this.#began = this.#now();
  }

  get #index(): number {
    return this.#order[this.#turn % this.#order.length] as number;
  }

  #change(): Poller {
    const poller = createPoller(this.#names[this.#index] as string);
    this.#loop.usePoller(poller);
    return poller;
  }

  #count(now: Moment): void {
    const from = this.#began;
    if (now.accepted !== from.accepted || now.watched !== from.watched) return;
    const { cpuNs, ns, turns, sleptTurns, events } = this.#spent[this.#index] as TurnOfPoller;
    this.#spent[this.#index] = {
      cpuNs: cpuNs + now.cpuNs - from.cpuNs,
      ns: ns + now.atNs - from.atNs,
      turns: turns + now.turns - from.turns,
      sleptTurns: sleptTurns + now.sleptTurns - from.sleptTurns,
      events: events + now.events - from.events,
    };
  }

  #now(): Moment {
    const { turns, sleptTurns, events } = this.#loop.counters;
    const { size: watched } = this.#poller;
    return {
      turns,
      sleptTurns,
      events,
      accepted: this.#accepted(),
      watched,
      atNs: monotonicNs(),
      cpuNs: threadCpuNs(),
    };
  }
}

import { monotonicNs, threadCpuNs } from '../../../pollers/libc/linux/clock.js';
import { createPoller } from '../../../pollers/loaded.js';
import type { Poller } from '../../../pollers/poller.js';
import type { IOLoop } from '../../ioloop/ioloop.js';
import { PeriodicCallback } from '../../ioloop/periodic-callback.js';
import type { TurnsOfPoller, Way } from './protocol.js';

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

/** What turns are made beside. */
interface Beside {
  /** How many connections there have been. */
  readonly accepted: () => number;
  /** Called behind each turn, in nobody's time. */
  readonly betweenTurns?: (() => void) | undefined;
}

const NONE: TurnsOfPoller = { cpuNs: 0, ns: 0, turns: 0, sleptTurns: 0, events: 0 };

/**
 * Pollers that take turns on the same live connections, some milliseconds each, there and back: what a core's speed and caches
 * make of a request changes more slowly, and is the same for all of them. Only whole ways count, and each begins with another
 * poller: who is first of three pays 2 % more than who is second. Changing the poller counts for none, and neither does a way on which
 * a connection came or went: the next one begins behind it.
 */
export class Alternation {
  readonly #loop: IOLoop;
  readonly #beside: Beside;
  readonly #names: readonly string[];
  readonly #ways: Way[] = [];
  readonly #beat: PeriodicCallback;
  /** Whose turns this way has, in their order, and what those so far have spent. */
  #order: readonly number[];
  #way: TurnsOfPoller[] = [];
  #wayBeganNs = 0;
  #poller: Poller;
  #began: Moment;

  /** @throws as `IOLoop.usePoller` */
  constructor(loop: IOLoop, names: readonly string[], turnMs: number, beside: Beside) {
    if (names.length === 0) throw new RangeError('there is no poller whose turn it could be');
    this.#loop = loop;
    this.#beside = beside;
    this.#names = names;
    this.#order = wayFrom(0, names.length);
    this.#poller = this.#change();
    this.#began = this.#now();
    this.#beat = new PeriodicCallback(loop, turnMs, () => this.#next());
    this.#beat.start();
  }

  /** The whole ways; the last poller stays. */
  end(): readonly Way[] {
    this.#beat.stop();
    return this.#ways;
  }

  #next(): void {
    this.#count(this.#now());
    this.#beside.betweenTurns?.();
    this.#poller = this.#change();
    this.#began = this.#now();
  }

  #change(): Poller {
    const index = this.#order[this.#way.length] as number;
    const poller = createPoller(this.#names[index] as string);
    this.#loop.usePoller(poller);
    return poller;
  }

  #count(now: Moment): void {
    const from = this.#began;
    if (now.accepted !== from.accepted || now.watched !== from.watched) {
      this.#beginWay();
      return;
    }
    if (this.#way.length === 0) this.#wayBeganNs = from.atNs;
    this.#way.push({
      cpuNs: now.cpuNs - from.cpuNs,
      ns: now.atNs - from.atNs,
      turns: now.turns - from.turns,
      sleptTurns: now.sleptTurns - from.sleptTurns,
      events: now.events - from.events,
    });
    if (this.#way.length < this.#order.length) return;
    const spentBy = (poller: number) =>
      this.#way.filter((_, at) => this.#order[at] === poller).reduce(sumOf, NONE);
    const spent = this.#names.map((_, poller) => spentBy(poller));
    this.#ways.push({ fromNs: this.#wayBeganNs, toNs: now.atNs, spent });
    this.#beginWay();
  }

  #beginWay(): void {
    this.#way = [];
    this.#order = wayFrom(this.#order[1] ?? 0, this.#names.length);
  }

  #now(): Moment {
    const { turns, sleptTurns, events } = this.#loop.counters;
    const { size: watched } = this.#poller;
    return {
      turns,
      sleptTurns,
      events,
      accepted: this.#beside.accepted(),
      watched,
      atNs: monotonicNs(),
      cpuNs: threadCpuNs(),
    };
  }
}

/** There, beginning with this one, and back. */
function wayFrom(first: number, pollers: number): number[] {
  const there = Array.from({ length: pollers }, (_, at) => (first + at) % pollers);
  return [...there, ...there.toReversed()];
}

const sumOf = (a: TurnsOfPoller, b: TurnsOfPoller): TurnsOfPoller => ({
  cpuNs: a.cpuNs + b.cpuNs,
  ns: a.ns + b.ns,
  turns: a.turns + b.turns,
  sleptTurns: a.sleptTurns + b.sleptTurns,
  events: a.events + b.events,
});

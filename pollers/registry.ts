import { BusyPoller } from './busy.js';
import { EpollPoller } from './epoll.js';
import type { PollerName } from './names.js';
import { PollPoller } from './poll.js';
import type { Poller } from './poller.js';
import { SelectPoller } from './select.js';

export interface PollerOptions {
  /** Events taken at most per wait, by pollers that are handed them; they choose it themselves unless given. */
  readonly room?: number;
}

/** One line per poller. Its capabilities stand on the instance. */
export const registry = {
  busy: () => new BusyPoller(),
  select: () => new SelectPoller(),
  'select-wide': () => new SelectPoller({ wide: true }),
  poll: () => new PollPoller(),
  epoll: (options?: PollerOptions) => new EpollPoller(options),
  'epoll-et': (options?: PollerOptions) => new EpollPoller({ ...options, trigger: 'edge' }),
} satisfies Record<PollerName, (options?: PollerOptions) => Poller>;

export const createPoller = (name: PollerName, options: PollerOptions = {}): Poller =>
  registry[name](options);

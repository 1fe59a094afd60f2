import { BusyPoller } from './busy.js';
import { EpollPoller } from './epoll.js';
import type { PollerName } from './names.js';
import { PollPoller } from './poll.js';
import type { Poller } from './poller.js';
import { SelectPoller } from './select.js';

/** One line per poller. Its capabilities stand on the instance. */
export const registry = {
  busy: () => new BusyPoller(),
  select: () => new SelectPoller(),
  'select-wide': () => new SelectPoller({ wide: true }),
  poll: () => new PollPoller(),
  epoll: () => new EpollPoller(),
  'epoll-et': () => new EpollPoller({ trigger: 'edge' }),
} satisfies Record<PollerName, () => Poller>;

export const createPoller = (name: PollerName): Poller => registry[name]();

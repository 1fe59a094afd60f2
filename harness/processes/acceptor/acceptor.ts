import { threadCpuNs } from '../../../pollers/libc/linux/clock.js';
import { close, WOULD_BLOCK } from '../../../pollers/libc/linux/files.js';
import { EPOLLEXCLUSIVE } from '../../../pollers/libc/linux/polling.js';
import { voluntarySwitches } from '../../../pollers/libc/linux/process.js';
import { accept, listenOn, localAddress, resetOnClose } from '../../../pollers/libc/linux/sockets.js';
import { createPoller } from '../../../pollers/loaded.js';
import { type Poller, READ } from '../../../pollers/poller.js';
import { belongToParent, type Handlers, serve } from '../control/child.js';
import { CONTROL_FD } from '../control/messages.js';
import { type Accepting, type AcceptorProtocol, SHARED_LISTENER_FD } from './protocol.js';

/** One of several processes that accept connections from one port, each with a poller of its own. */

belongToParent();

let poller: Poller | null = null;
let listener = SHARED_LISTENER_FD;

const watching = (): Poller => {
  if (!poller) throw new Error('nothing is watched yet');
  return poller;
};

const handlers: Handlers<AcceptorProtocol> = {
  watch({ poller: name, sharing, port }) {
    const made = createPoller(name, { exclusive: sharing === 'exclusive' });
    poller = made;
    if (sharing === 'exclusive') requireExclusive(made);
    listener = sharing === 'reuseport' ? listenerOfOwn(port) : SHARED_LISTENER_FD;
    made.register(listener, READ);
    made.register(CONTROL_FD, READ);
    return { port: localAddress(listener).port };
  },
  accept: () => acceptUntilTold(watching(), listener),
  stop: () => ({}),
  unwatch() {
    watching().close();
    poller = null;
    if (listener !== SHARED_LISTENER_FD) close(listener);
    listener = SHARED_LISTENER_FD;
    return {};
  },
};

function requireExclusive({ name, native }: Poller): void {
  const call = native?.call();
  if (call?.call !== 'epoll' || (call.triggerBit & EPOLLEXCLUSIVE) === 0)
    throw new Error(`${name} does not ask that one process alone be woken`);
}

/** A close of what it accepts resets the connection: a listener hands that on. */
function listenerOfOwn(port: number): number {
  const fd = listenOn('127.0.0.1', port, { reusePort: true });
  resetOnClose(fd);
  return fd;
}

function acceptUntilTold(watched: Poller, from: number): Accepting {
  const isOneshot = watched.capabilities.trigger === 'oneshot';
  const startedNs = threadCpuNs();
  let accepted = 0;
  let emptyWakeups = 0;
  let switchesBefore = voluntarySwitches();
  for (;;) {
    const count = watched.wait(null);
    const hasBeenTold = watched.readyFds.subarray(0, count).includes(CONTROL_FD);
    const isReported = count > Number(hasBeenTold);
    const took = isReported ? acceptAll(from) : 0;
    if (isOneshot && isReported) watched.modify(from, READ);
    accepted += took;
    if (took > 0 || hasBeenTold) {
      const switches = voluntarySwitches();
      // The last of these sleeps brought the connection, or the parent's word; a turn that did not sleep has none.
      emptyWakeups += Math.max(0, switches - switchesBefore - 1);
      switchesBefore = switches;
    }
    if (hasBeenTold) break;
  }
  if (isOneshot) watched.modify(CONTROL_FD, READ);
  return { accepted, emptyWakeups, cpuNs: threadCpuNs() - startedNs };
}

function acceptAll(from: number): number {
  let count = 0;
  for (let fd = accept(from); fd !== WOULD_BLOCK; fd = accept(from)) {
    count++;
    close(fd);
  }
  return count;
}

serve<AcceptorProtocol>(handlers);

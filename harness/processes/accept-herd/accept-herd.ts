import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicNs, sleepUntilNs } from '../../../pollers/libc/linux/clock.js';
import { connectToLoopback, listenOnLoopback, resetOnClose } from '../../../pollers/libc/linux/sockets.js';
import type { Accepting, AcceptorProtocol } from '../acceptor/protocol.js';
import { belongToParent, type Handlers, LATER, sendReason, serveOnNodesLoop } from '../control/child.js';
import { type Child, startAcceptor } from '../control/parent.js';
import { connectOnce } from './connect-once.js';
import type { AcceptHerdProtocol, HerdWindow } from './protocol.js';

/** Holds the listener that acceptors share, starts them, and connects to them, one connection at a time. */

belongToParent();

const DEADLINE_MS = 20_000;
/** Before those that count: every process has then waited once with this poller. */
const FIRST_CONNECTIONS = 16;
/** Until all sleep in their pollers. */
const SETTLE_MS = 5;

type Acceptor = Child<AcceptorProtocol>;

const listener = listenOnLoopback();
resetOnClose(listener.fd);
let acceptors: readonly Acceptor[] = [];

const handlers: Handlers<AcceptHerdProtocol> = {
  start({ processes }) {
    acceptors = Array.from({ length: processes }, () => startAcceptor(listener.fd));
    return { pids: acceptors.map(({ pid }) => pid) };
  },
  window(ask, answered) {
    measure(ask).then((processes) => answered({ processes }), fail);
    return LATER;
  },
};

/** Acceptors that were left in the middle of a window are of no use for another: this process ends, and they with it. */
function fail(error: Error): void {
  sendReason(error);
  process.exit(1);
}

async function measure(ask: HerdWindow): Promise<readonly Accepting[]> {
  const chosen = acceptors.slice(0, ask.processes);
  if (chosen.length < ask.processes) throw new Error(`${acceptors.length} acceptors were started`);
  const port = await watch(chosen, ask);
  await connect(chosen, port, { ...ask, connections: FIRST_CONNECTIONS });
  const counted = await connect(chosen, port, ask);
  await Promise.all(chosen.map((acceptor) => acceptor.request('unwatch', {}, DEADLINE_MS)));
  const accepted = counted.reduce((sum, each) => sum + each.accepted, 0);
  if (accepted !== ask.connections)
    throw new Error(`${accepted} connections were accepted of ${ask.connections} made`);
  return counted;
}

/** The first that has a listener of its own finds a port, which the others join. */
async function watch(chosen: readonly Acceptor[], { poller, sharing }: HerdWindow): Promise<number> {
  let port = 0;
  for (const acceptor of chosen)
    ({ port } = await acceptor.request('watch', { poller, sharing, port }, DEADLINE_MS));
  return port;
}

/** Lets all accept while connections come, and ends that with the next request. */
async function connect(
  chosen: readonly Acceptor[],
  port: number,
  { connections, gapUs }: HerdWindow,
): Promise<readonly Accepting[]> {
  const accepting = Promise.all(chosen.map((acceptor) => acceptor.request('accept', {}, DEADLINE_MS)));
  // One that cannot accept says so at once.
  await Promise.race([accepting, sleep(SETTLE_MS)]);
  for (let made = 0; made < connections; made++) {
    connectOnce(() => connectToLoopback(port));
    sleepUntilNs(monotonicNs() + gapUs * 1000);
  }
  await Promise.all(chosen.map((acceptor) => acceptor.request('stop', {}, DEADLINE_MS)));
  return accepting;
}

serveOnNodesLoop<AcceptHerdProtocol>(handlers);

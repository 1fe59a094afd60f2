import { readFileSync } from 'node:fs';
import { monotonicNs, threadCpuNs } from '../../../pollers/libc/linux/clock.js';
import { ignoreInterrupts, pinThread } from '../../../pollers/libc/linux/process.js';
import { createPoller } from '../../../pollers/loaded.js';
import { harnessPoller } from '../../../pollers/manifest.js';
import { IOLoop } from '../../ioloop/ioloop.js';
import { task } from '../../net/task.js';
import type { TCPServer } from '../../net/tcp-server.js';
import { belongToParent, type Handlers, sendReason, serveOnLoop, serveUntil } from '../control/child.js';
import type { ControlFd } from '../control/control-fd.js';
import { closeInherited, makeFileTablePrivate } from '../file-table.js';
import { Alternation } from './alternation.js';
import { apps } from './apps/registry.js';
import type { ServerProtocol, ServerSnapshot } from './protocol.js';

/**
 * A server under measurement: one loop, one app. What its parent asks reaches it through the loop. With several processes
 * this is the program of all of them: the one that the parent started supervises the others.
 */

type Start = ServerProtocol['start']['ask'];

/** What the first of several processes was asked, for the others. */
const START_VARIABLE = 'POLLCOST_START';

// A task has belonged to the first process since the import.
if (task) ignoreInterrupts();
else belongToParent();
closeInherited();

let loop: IOLoop | null = null;
let server: TCPServer | null = null;
let control: ControlFd | null = null;
let alternation: Alternation | null = null;

function open({ poller, app, host, port, cpu, fileTable }: Start): { server: TCPServer; port: number } {
  if (cpu !== null) pinThread(cpu);
  if (fileTable === 'private') makeFileTablePrivate();
  loop = new IOLoop({ poller: createPoller(poller) });
  server = apps[app](loop);
  return { server, port: server.bind(port, host) };
}

/** The first of several processes answers when the others accept, and ends them when its parent hangs up. */
function supervise(first: TCPServer, ask: Start, onReady: () => void): never {
  process.env[START_VARIABLE] = JSON.stringify(ask);
  const supervising = new IOLoop({ poller: createPoller(harnessPoller) });
  serveOnLoop(handlers, supervising);
  try {
    first.start(ask.processes, { loop: supervising, onReady });
  } catch (error) {
    sendReason(error as Error);
  }
  process.exit(1);
}

const handlers: Handlers<ServerProtocol> = {
  start(ask, answered) {
    const { server: opened, port } = open(ask);
    if ((ask.processes ?? 1) !== 1) supervise(opened, ask, () => answered({ port }));
    opened.start();
    return { port };
  },
  snapshot(): ServerSnapshot {
    if (!loop || !server) throw new Error('the server has not started');
    const { turns, blockingTurns, sleptTurns, events, fdsExamined, syscalls } = loop.counters.snapshot();
    const { accepted, shed } = server;
    const counts = { turns, blockingTurns, sleptTurns, events, fdsExamined, syscalls, accepted, shed };
    return { ...counts, ...clocks() };
  },
  use({ poller }) {
    if (!loop) throw new Error('the server has not started');
    loop.usePoller(createPoller(poller));
    return {};
  },
  takeTurns({ pollers, ms }) {
    const started = server;
    if (!loop || !started) throw new Error('the server has not started');
    alternation?.end();
    // Under select each fd that is watched costs a request as much as a connection does: this one is the harness's.
    const hear = control?.stepAside(loop);
    try {
      alternation = new Alternation(loop, pollers, ms, {
        accepted: () => started.accepted,
        betweenTurns: hear,
      });
    } catch (error) {
      // Without turns nobody would look at it.
      control?.watch(loop);
      throw error;
    }
    return {};
  },
  endTurns() {
    const ways = alternation?.end();
    if (!loop || !ways) throw new Error('nobody takes turns');
    alternation = null;
    control?.watch(loop);
    return { ways };
  },
};

/** Read together takes some ten microseconds; whoever lost its CPU in between reads again. */
const TOGETHER_NS = 500_000;
const MOST_READINGS = 20;

/** Three clocks at the same moment, as far as this thread is let. */
function clocks(): Pick<ServerSnapshot, 'atNs' | 'cpuNs' | 'runQueueWaitNs'> {
  for (let readings = 1; ; readings++) {
    const atNs = monotonicNs();
    const now = { atNs, cpuNs: threadCpuNs(), runQueueWaitNs: runQueueWaitNs() };
    if (monotonicNs() - atNs < TOGETHER_NS || readings === MOST_READINGS) return now;
  }
}

/** The second of three numbers: time on a CPU, time spent waiting for one, time slices. */
const runQueueWaitNs = (): number =>
  Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[1]);

if (task) {
  const ask = JSON.parse(process.env[START_VARIABLE] as string) as Start;
  open(ask).server.start(ask.processes);
} else {
  // `start` makes the loop; the others come through it, and the parent's hanging up ends it.
  serveUntil(handlers, () => loop !== null);
  if (loop) control = serveOnLoop(handlers, loop);
}
(loop as IOLoop | null)?.start();

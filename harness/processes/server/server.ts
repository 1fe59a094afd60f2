import { readFileSync } from 'node:fs';
import { monotonicNs, threadCpuNs } from '../../../pollers/libc/clock.js';
import { pinThread } from '../../../pollers/libc/process.js';
import { createPoller } from '../../../pollers/registry.js';
import { ControlFd } from '../../ioloop/control-fd.js';
import { IOLoop } from '../../ioloop/ioloop.js';
import type { TCPServer } from '../../net/tcp-server.js';
import { answerWith, belongToParent, type Handlers, serveOnce } from '../control/child.js';
import { closeInherited, makeFileTablePrivate } from '../control/file-table.js';
import { CONTROL_FD, type ServerProtocol, type ServerSnapshot } from '../control/messages.js';
import { apps } from './apps/registry.js';

/** A server under measurement: one loop, one app. What its parent asks reaches it through the loop. */

belongToParent();
closeInherited();

let loop: IOLoop | null = null;
let server: TCPServer | null = null;

const handlers: Handlers<ServerProtocol> = {
  start({ poller, app, host, port, cpu, fileTable }) {
    if (cpu !== null) pinThread(cpu);
    if (fileTable === 'private') makeFileTablePrivate();
    loop = new IOLoop({ poller: createPoller(poller) });
    server = apps[app](loop);
    return { port: server.listen(port, host) };
  },
  snapshot(): ServerSnapshot {
    if (!loop || !server) throw new Error('the server has not started');
    const { turns, blockingTurns, sleptTurns, events, fdsExamined, syscalls } = loop.counters.snapshot();
    const { accepted, shed } = server;
    const counts = { turns, blockingTurns, sleptTurns, events, fdsExamined, syscalls, accepted, shed };
    return { ...counts, atNs: monotonicNs(), cpuNs: threadCpuNs(), runQueueWaitNs: runQueueWaitNs() };
  },
  use({ poller }) {
    if (!loop) throw new Error('the server has not started');
    loop.usePoller(createPoller(poller));
    return {};
  },
};

/** The second of three numbers: time on a CPU, time spent waiting for one, time slices. */
const runQueueWaitNs = (): number =>
  Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[1]);

// The first request makes the loop; the others come through it, and the parent's hanging up ends it.
serveOnce(handlers);
const running = loop as IOLoop | null;
if (running) {
  new ControlFd(CONTROL_FD, (request) => answerWith(handlers, request as { id: number; do: string })).watch(
    running,
  );
  running.start();
}

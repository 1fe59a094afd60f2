import { readdirSync } from 'node:fs';
import { SyscallError } from '../../../pollers/libc/call.js';
import {
  fdLimit,
  pinThread,
  runBeforeOthers,
  runInShortSlices,
} from '../../../pollers/libc/linux/process.js';
import { createTimerfd } from '../../../pollers/libc/linux/timerfd.js';
import { loadHarnessPoller } from '../../../pollers/manifest.js';
import { READ } from '../../../pollers/poller.js';
import { IOLoop } from '../../ioloop/ioloop.js';
import { belongToParent, type Handlers, LATER, serveOnLoop } from '../control/child.js';
import { closeInherited } from '../file-table.js';
import type { AppName } from '../server/protocol.js';
import { Connections } from './connections.js';
import { Learner } from './learner.js';
import type { HerdProtocol } from './protocol.js';
import { RampUp } from './ramp-up.js';
import { idle, type Reader } from './reading.js';
import { type ExpectedReply, exactly } from './reply.js';
import { REQUEST } from './request.js';
import { scheduleOf } from './schedule.js';
import { PER_SOURCE } from './sources.js';
import { Window } from './window.js';

/** Many connections to one server that are held open and say something now and then, at times that nothing moves. */

belongToParent();
closeInherited();

/** Fds that are left to Node and to what it may open for a moment. */
const SPARE_FDS = 8;

const loop = new IOLoop({ poller: (await loadHarnessPoller())() });
const connections = new Connections(loop, (fd) => reader.readable(fd));
const quiet = idle(connections);
const timer = createTimerfd();
let reader: Reader = quiet;
let window: Window | null = null;
let reply: ExpectedReply | null = null;
let bytesBefore: number | null = null;

loop.addHandler(timer, () => window?.due(), READ);

const handlers: Handlers<HerdProtocol> = {
  connect(
    { host, port, connections: wanted, most = connections.held + wanted, app, cpu, perSource = PER_SOURCE },
    answered,
  ) {
    const room = fdLimit().soft - readdirSync('/proc/self/fd').length - SPARE_FDS;
    const inAll = most - connections.held;
    if (inAll > room)
      throw new Error(
        `${inAll} connections do not fit: with ${fdLimit().soft} file descriptors at most there is room for ${room}`,
      );
    if (cpu !== null) {
      pinThread(cpu);
      // A beat does not wait until whoever else is on this CPU, the harness for one, has done. It needs root, or it may be late.
      ranked(runBeforeOthers);
    }
    bytesBefore ??= process.memoryUsage.rss();
    const startMs = loop.time();
    const done = (failure: Error | null) => {
      answered(
        failure ?? {
          connected: connections.held,
          seconds: (loop.time() - startMs) / 1000,
          bytesPerConnection: bytesPerConnection(),
        },
      );
    };
    new RampUp(loop, connections, { host, port, perSource }, wanted, (failure) => {
      if (failure || reply || connections.held === 0) done(failure);
      else learn(app, done);
    }).start();
    return LATER;
  },

  keep({ connections: most }) {
    connections.keep(most);
    return { connected: connections.held };
  },

  beat({ connections: beating, ms, subject, isFirst, ...rest }, answered) {
    if (!reply || beating > connections.count)
      throw new RangeError(`${beating} connections cannot beat: the herd has ${connections.count}`);
    const schedule = scheduleOf({ connections: beating, ms, ...rest });
    const rank = isFirst ? runBeforeOthers : runInShortSlices;
    const giveBack = subject === undefined ? null : ranked(rank, subject);
    window = new Window(loop, timer, connections, reply, schedule, ms, (report) => {
      window = null;
      reader = quiet;
      if (giveBack) ranked(giveBack);
      answered(report);
    });
    reader = window;
    window.start();
    return LATER;
  },
};

/**
 * Where no rank is given, for whatever reason, there is none: the turn probe has said so to whoever plans. A server that
 * has ended has none either; what became of it is for others to say.
 */
function ranked<T>(rank: (thread?: number) => T, thread?: number): T | null {
  try {
    return rank(thread);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return null;
  }
}

/** One answer tells what all others have to be like. */
function learn(app: AppName, done: (failure: Error | null) => void): void {
  if (app === 'echo') {
    reply = exactly(REQUEST);
    done(null);
    return;
  }
  const learner = new Learner(loop, connections, (outcome) => {
    reader = quiet;
    if (!(outcome instanceof Error)) reply = outcome;
    done(outcome instanceof Error ? outcome : null);
  });
  reader = learner;
  learner.ask();
}

const bytesPerConnection = (): number =>
  connections.held === 0 ? 0 : (process.memoryUsage.rss() - (bytesBefore ?? 0)) / connections.held;

serveOnLoop(handlers, loop);
loop.start();

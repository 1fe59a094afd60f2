import { monotonicNs } from '../../../pollers/libc/linux/clock.js';
import { eventfd, setNonBlocking } from '../../../pollers/libc/linux/files.js';
import { pinThread } from '../../../pollers/libc/linux/process.js';
import { connectToLoopback } from '../../../pollers/libc/linux/sockets.js';
import { loadHarnessPoller } from '../../../pollers/manifest.js';
import { READ } from '../../../pollers/poller.js';
import { IOLoop } from '../../ioloop/ioloop.js';
import { IOStream, type ReadCallback } from '../../net/iostream.js';
import { CLOSED } from '../../net/outcomes.js';
import { belongToParent, type Handlers, LATER, serveOnLoop } from '../control/child.js';
import type { ClosedLoopProtocol } from './protocol.js';

/** Load in closed loop, on our own loop: thin enough to keep a server busy that answers every request with as many bytes. */

belongToParent();

const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const loop = new IOLoop({ poller: (await loadHarnessPoller())() });
const streams: IOStream[] = [];
const HOUR_MS = 3_600_000;
let running = false;
let requests = 0;
let replyBytes = 0;

const next: ReadCallback = (reply, stream) => {
  if (reply === CLOSED) throw new Error('the server has closed a connection');
  requests++;
  if (running) ask(stream);
};

function neverDue(): void {
  throw new Error('nothing was to happen here');
}

function ask(stream: IOStream): void {
  stream.write(REQUEST);
  stream.readBytes(replyBytes, next);
}

/** The last answers come home before the next run, and count: the server has worked for them. */
function whenAllAreHome(done: () => void): void {
  if (streams.some((stream) => stream.reading)) loop.callLater(1, () => whenAllAreHome(done));
  else done();
}

/** Asks once to see how long the replies of this server are. Null: it does not answer 200 with a length. */
function learnReply(stream: IOStream, done: (bytes: number | null) => void): void {
  stream.write(REQUEST);
  stream.readUntil(END_OF_HEAD, (head) => {
    if (head === CLOSED) return done(null);
    const text = Buffer.from(head).toString('latin1');
    const length = /^HTTP\/1\.1 200 .*\r\ncontent-length: *(\d+)\r\n/is.exec(text)?.[1];
    if (length === undefined) return done(null);
    const bodyBytes = Number(length);
    const total = head.length + bodyBytes;
    stream.readBytes(bodyBytes, (body) => done(body === CLOSED ? null : total));
  });
}

const handlers: Handlers<ClosedLoopProtocol> = {
  connect({ port, connections, cpu }, answered) {
    if (cpu !== null) pinThread(cpu);
    const before = monotonicNs();
    for (let made = 0; made < connections; made++) {
      const fd = connectToLoopback(port);
      setNonBlocking(fd);
      streams.push(new IOStream(loop, fd));
    }
    const answer = { connected: streams.length, seconds: (monotonicNs() - before) / 1e9 };
    learnReply(streams[0] as IOStream, (bytes) => {
      replyBytes = bytes ?? 0;
      answered(bytes === null ? new Error('the server does not answer 200 with a length') : answer);
    });
    return LATER;
  },

  run({ ms }, answered) {
    const before = loop.time();
    requests = 0;
    running = true;
    for (const stream of streams) ask(stream);
    loop.callLater(ms, () => {
      running = false;
      const asked = { ms: loop.time() - before };
      whenAllAreHome(() => answered({ requests, ...asked }));
    });
    return LATER;
  },

  idle({ timers, fds }) {
    for (let made = 0; made < timers; made++) loop.callLater(HOUR_MS + made, neverDue);
    for (let made = 0; made < fds; made++) loop.addHandler(eventfd(), neverDue, READ);
    return {};
  },

  callbacks({ count }, answered) {
    const before = monotonicNs();
    let left = count;
    const again = () => {
      if (--left > 0) loop.addCallback(again);
      else answered({ ns: monotonicNs() - before });
    };
    loop.addCallback(again);
    return LATER;
  },
};

serveOnLoop(handlers, loop);
loop.start();

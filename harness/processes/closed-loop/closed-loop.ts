import { EpollPoller } from '../../../pollers/epoll.js';
import { monotonicNs } from '../../../pollers/libc/clock.js';
import { eventfd, setNonBlocking } from '../../../pollers/libc/files.js';
import { pinThread } from '../../../pollers/libc/process.js';
import { connectToLoopback } from '../../../pollers/libc/sockets.js';
import { READ } from '../../../pollers/poller.js';
import { ControlFd } from '../../ioloop/control-fd.js';
import { IOLoop } from '../../ioloop/ioloop.js';
import { IOStream, type ReadCallback } from '../../net/iostream.js';
import { CLOSED } from '../../net/outcomes.js';
import { belongToParent, type Request, sendReply } from '../control/child.js';
import { type ClosedLoopProtocol, CONTROL_FD } from '../control/messages.js';

/** Load in closed loop, on our own loop: thin enough to keep a server busy that answers every request with as many bytes. */

belongToParent();

const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const loop = new IOLoop({ poller: new EpollPoller() });
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

const handlers: { [K in keyof ClosedLoopProtocol]: (id: number, ask: ClosedLoopProtocol[K]['ask']) => void } =
  {
    connect(id, { port, connections, cpu }) {
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
        sendReply(
          bytes === null
            ? { id, ok: false, error: 'the server does not answer 200 with a length' }
            : { id, ok: true, ...answer },
        );
      });
    },

    run(id, { ms }) {
      const before = loop.time();
      requests = 0;
      running = true;
      for (const stream of streams) ask(stream);
      loop.callLater(ms, () => {
        running = false;
        const asked = { ms: loop.time() - before };
        // The last answers come home before the next run, and count: the server has worked for them.
        loop.callLater(50, () => sendReply({ id, ok: true, requests, ...asked }));
      });
    },

    idle(id, { timers, fds }) {
      for (let made = 0; made < timers; made++) loop.callLater(HOUR_MS + made, neverDue);
      for (let made = 0; made < fds; made++) loop.addHandler(eventfd(), neverDue, READ);
      sendReply({ id, ok: true });
    },

    callbacks(id, { count }) {
      const before = monotonicNs();
      let left = count;
      const again = () => {
        if (--left > 0) loop.addCallback(again);
        else sendReply({ id, ok: true, ns: monotonicNs() - before });
      };
      loop.addCallback(again);
    },
  };

new ControlFd(CONTROL_FD, (message) => {
  const { id, do: name, ...asked } = message as Request & object;
  handlers[name as keyof ClosedLoopProtocol](id, asked as never);
}).watch(loop);
loop.start();

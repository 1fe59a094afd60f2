import type { IOStream, ReadCallback } from '../../../net/iostream.js';
import { CLOSED } from '../../../net/outcomes.js';
import { TCPServer } from '../../../net/tcp-server.js';
import type { App } from './app.js';

const END_OF_REQUEST = Buffer.from('\r\n\r\n');
const MOST_REQUEST_BYTES = 65_536;

/** The thinnest server that HTTP clients can talk to: it reads up to an empty line and understands nothing of it. */
class FixedServer extends TCPServer {
  override handleStream(stream: IOStream): void {
    stream.setDrainCallback(listen);
    listen(stream);
  }
}

const answer: ReadCallback = (request, stream) => {
  if (request === CLOSED) return;
  stream.write(FIXED_REPLY);
  // One who sends and does not read waits until it has read: the drain callback goes on.
  if (stream.writable) listen(stream);
};

function listen(stream: IOStream): void {
  if (!stream.reading) stream.readUntil(END_OF_REQUEST, answer, MOST_REQUEST_BYTES);
}

const BODY = 'Hello, world';
export const FIXED_REPLY = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
);

export const fixed: App = (loop) => new FixedServer(loop);

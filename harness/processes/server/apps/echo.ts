import type { IOStream, ReadCallback } from '../../../net/iostream.js';
import { CLOSED } from '../../../net/outcomes.js';
import { TCPServer } from '../../../net/tcp-server.js';
import type { App } from './app.js';

/** Sends everything back, and ends its direction when the client has ended its own. */
class EchoServer extends TCPServer {
  override handleStream(stream: IOStream): void {
    stream.setDrainCallback(listen);
    listen(stream);
  }
}

const giveBack: ReadCallback = (bytes, stream) => {
  if (bytes === CLOSED) return;
  stream.write(bytes);
  if (stream.writable) listen(stream);
};

function listen(stream: IOStream): void {
  if (!stream.reading) stream.readSome(giveBack);
}

export const echo: App = (loop) => new EchoServer(loop);

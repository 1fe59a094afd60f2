import assert from 'node:assert/strict';
import { read, setNonBlocking } from '../../../pollers/libc/linux/files.js';
import { connectToLoopback } from '../../../pollers/libc/linux/sockets.js';
import { allocate } from '../../../pollers/libc/memory.js';
import type { IOStream } from '../iostream.js';
import { CLOSED } from '../outcomes.js';
import { CRLF, textOf } from './bytes.js';
import type { Net } from './every-poller.js';

/** A server of lines, and its clients. */

const buffer = allocate(64);

/** Answers every line with itself. */
export function echoLines(stream: IOStream): void {
  const answer = (bytes: Buffer | typeof CLOSED): void => {
    if (bytes === CLOSED) return;
    stream.write(bytes);
    stream.readUntil(CRLF, answer);
  };
  stream.readUntil(CRLF, answer);
}

export function connect(net: Net, port: number): number {
  const fd = net.bench.own(connectToLoopback(port));
  setNonBlocking(fd);
  return fd;
}

/** Waits until a client reads end of file. */
export function untilEnded(net: Net, client: number): void {
  net.until(() => read(client, buffer.address, 8) === 0, 'the end of the connection');
}

/** Whether somebody at the port answers. The client is closed again. */
export function assertServed(net: Net, port: number): void {
  const client = net.stream(connectToLoopback(port));
  let answer = '';
  client.write(Buffer.from('hello\r\n'));
  client.readUntil(CRLF, (bytes) => {
    answer = textOf(bytes);
  });
  net.until(() => answer !== '', 'the answer');
  assert.equal(answer, 'hello\r\n');
  client.close();
}

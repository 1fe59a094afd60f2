import assert from 'node:assert/strict';
import { test } from 'node:test';
import { close, setNonBlocking, write } from '../../pollers/libc/linux/files.js';
import { connectToLoopback, resetOnClose, shutdownWrite } from '../../pollers/libc/linux/sockets.js';
import { allocate } from '../../pollers/libc/memory.js';
import { createPoller, loadedPollers } from '../../pollers/loaded.js';
import { IOLoop } from '../ioloop/ioloop.js';
import type { IOStream, ReadCallback } from './iostream.js';
import { CLOSED } from './outcomes.js';
import { TCPServer } from './tcp-server.js';

/** X1: one recorded script of what clients do, under every poller; what the server's handlers see must be the same. */

type Action =
  | { readonly do: 'connect' | 'half-close' | 'reset' | 'close'; readonly client: number }
  | { readonly do: 'send'; readonly client: number; readonly text: string };

const send = (client: number, text: string): Action => ({ do: 'send', client, text });
const act = (name: 'connect' | 'half-close' | 'reset' | 'close', client: number): Action => ({
  do: name,
  client,
});

const SCRIPT: readonly Action[] = [
  ...[0, 1, 2, 3, 4, 5].map((client) => act('connect', client)),
  send(0, 'one\n'),
  send(1, 'o'),
  send(1, 'n'),
  send(1, 'e\nand '),
  send(2, 'several\nlines\nat once\nand a rest'),
  act('half-close', 2),
  send(3, 'before the reset\n'),
  act('reset', 3),
  act('close', 4),
  send(5, `${'long '.repeat(5000)}\n`),
  send(1, 'another\n'),
  act('half-close', 0),
  send(5, 'tail\n'),
  act('close', 1),
  act('half-close', 5),
];

const NEWLINE = Buffer.from('\n');
const SETTLING_MS = 4;

/** What the handlers of each connection saw, in order. */
function runUnder(name: string): string[][] {
  const loop = new IOLoop({ poller: createPoller(name) });
  const seen: string[][] = [];
  class Recorder extends TCPServer {
    override handleStream(stream: IOStream): void {
      const log: string[] = [];
      seen.push(log);
      const line: ReadCallback = (bytes) => {
        if (bytes === CLOSED) {
          log.push('the end');
          return;
        }
        log.push(`${bytes.length} bytes: ${bytes.toString('latin1', 0, 20)}`);
        stream.readUntil(NEWLINE, line);
      };
      stream.setCloseCallback(() => {
        const { error } = stream;
        log.push(error instanceof Error && 'code' in error ? `closed with ${error.code}` : 'closed');
      });
      stream.readUntil(NEWLINE, line);
    }
  }
  const server = new Recorder(loop);
  const port = server.listen(0);
  const clients: number[] = [];
  const perform = (action: Action): void => {
    if (action.do === 'connect') {
      clients[action.client] = connectToLoopback(port);
      setNonBlocking(clients[action.client] as number);
      return;
    }
    const fd = clients[action.client] as number;
    if (action.do === 'send') sendText(fd, action.text);
    if (action.do === 'half-close') shutdownWrite(fd);
    if (action.do === 'reset') resetOnClose(fd);
    if (action.do === 'reset' || action.do === 'close') {
      close(fd);
      clients[action.client] = -1;
    }
  };
  for (const [index, action] of SCRIPT.entries())
    loop.callLater((index + 1) * SETTLING_MS, () => perform(action));
  loop.callLater((SCRIPT.length + 10) * SETTLING_MS, () => loop.stop());
  loop.start();
  for (const fd of clients) if (fd !== -1) close(fd);
  server.stop();
  loop.close(true);
  return seen;
}

function sendText(fd: number, text: string): void {
  const memory = allocate(text.length);
  Buffer.from(memory.buffer).write(text, 'latin1');
  assert.equal(write(fd, memory.address, text.length), text.length);
}

const reference = runUnder('poll');

test('X1 the script shows handlers lines, pieces of lines, ends and errors', () => {
  assert.equal(reference.length, 6);
  assert.deepEqual(reference[0], ['4 bytes: one\n', 'the end', 'closed']);
  assert.deepEqual(reference[1]?.slice(0, 2), ['4 bytes: one\n', '12 bytes: and another\n']);
  assert.equal(reference[2]?.filter((line) => line.includes('bytes')).length, 3);
  assert.ok(reference[3]?.some((line) => line.includes('before the reset')));
  assert.deepEqual(reference[4], ['the end', 'closed']);
});

for (const name of loadedPollers) {
  test(`X1 ${name}: the same script of socket actions gives the same results`, () => {
    assert.deepEqual(runUnder(name), reference);
  });
}

import assert from 'node:assert/strict';
import { fill } from '../../pollers/contract/workbench.js';
import { read, WOULD_BLOCK } from '../../pollers/libc/linux/files.js';
import { openTcpSocket } from '../../pollers/libc/linux/sockets.js';
import { allocate } from '../../pollers/libc/memory.js';
import { READ, WRITE } from '../../pollers/poller.js';
import { WRITTEN } from './outcomes.js';
import { pattern, textOf } from './testing/bytes.js';
import { type Net, onEveryPoller } from './testing/every-poller.js';

const MIB = 2 ** 20;
const block = allocate(MIB);

/** A peer that reads everything from now on; its end is noted as well. */
function collect(net: Net, peer: number) {
  const parts: Buffer[] = [];
  const seen = { bytes: () => Buffer.concat(parts), size: 0, ended: false };
  net.loop.addHandler(
    peer,
    () => {
      for (;;) {
        const count = read(peer, block.address, MIB);
        if (count === WOULD_BLOCK) return;
        if (count === 0) {
          seen.ended = true;
          net.loop.removeHandler(peer);
          return;
        }
        parts.push(Buffer.from(new Uint8Array(block.buffer, 0, count)));
        seen.size += count;
      }
    },
    READ,
  );
  return seen;
}

onEveryPoller('S11', 'an empty write calls back, in the next turn and once', (net) => {
  const [stream] = net.pair();
  const told: unknown[] = [];
  stream.write(Buffer.alloc(0), (outcome) => told.push(outcome));
  assert.deepEqual(told, []);
  net.until(() => told.length > 0);
  const { events } = net.loop.counters;
  net.runFor(10);
  assert.deepEqual(told, [WRITTEN]);
  assert.equal(net.loop.counters.events, events);
});

onEveryPoller('S12', '16 MiB to a peer that never reads are queued, and do not spin', (net) => {
  const [stream] = net.tcp();
  stream.write(pattern(16 * MIB));
  assert.ok(stream.queuedBytes > 0 && stream.queuedBytes < 16 * MIB, `${stream.queuedBytes} queued`);
  assert.equal(net.poller.interestOf(stream.fd), WRITE);
  net.runFor(50);
  const { events } = net.loop.counters;
  net.runFor(50);
  assert.ok(net.loop.counters.events - events <= 4, `${net.loop.counters.events - events} events`);
  assert.ok(stream.queuedBytes > 0);
});

onEveryPoller('S13', 'a drained queue ends the interest in WRITE, and drain is told once', (net) => {
  const [stream, peer] = net.tcp();
  let drains = 0;
  stream.setDrainCallback(() => drains++);
  stream.write(pattern(8 * MIB));
  assert.equal(drains, 0);
  const seen = collect(net, peer);
  net.until(() => seen.size === 8 * MIB && drains > 0);
  assert.equal(net.poller.interestOf(stream.fd), 0);
  const { events } = net.loop.counters;
  net.runFor(30);
  assert.equal(net.loop.counters.events, events);
  assert.equal(drains, 1);

  // With a read pending, only WRITE goes.
  stream.readSome(() => {});
  stream.write(pattern(8 * MIB));
  assert.equal(net.poller.interestOf(stream.fd), READ | WRITE);
  net.until(() => seen.size === 16 * MIB && drains > 1);
  assert.equal(net.poller.interestOf(stream.fd), READ);
  assert.equal(drains, 2);
});

onEveryPoller(
  'S14',
  'bytes and callbacks keep their order; close gives CLOSED to each that waits, once',
  (net) => {
    const [stream, peer] = net.pair();
    const parts = [1, 2, 3, 4, 5].map((seed) => pattern(MIB / seed, seed));
    const told: unknown[] = [];
    // The first goes out at once, the others wait; their callbacks must wait too.
    stream.write(Buffer.from('first'), () => told.push(0));
    for (const [at, part] of parts.entries()) {
      stream.write(part, (outcome) => told.push(outcome === WRITTEN ? at + 1 : 'CLOSED'));
      // They belong to their owner again.
      part.fill(0);
    }
    assert.deepEqual(told, []);
    const seen = collect(net, peer);
    net.until(() => told.length === 6);
    assert.deepEqual(told, [0, 1, 2, 3, 4, 5]);
    const sent = Buffer.concat([
      Buffer.from('first'),
      ...[1, 2, 3, 4, 5].map((seed) => pattern(MIB / seed, seed)),
    ]);
    net.until(() => seen.size === sent.length);
    assert.ok(seen.bytes().equals(sent));

    const [closing] = net.pair();
    const outcomes: string[] = [];
    const tell = (outcome: unknown) => outcomes.push(outcome === WRITTEN ? 'written' : 'CLOSED');
    closing.write(Buffer.from('x'), tell);
    closing.write(pattern(MIB), tell);
    closing.write(pattern(5), tell);
    closing.setCloseCallback(() => outcomes.push('close'));
    closing.close();
    assert.deepEqual(outcomes, []);
    net.until(() => outcomes.length === 4);
    net.runFor(5);
    assert.deepEqual(outcomes, ['written', 'CLOSED', 'CLOSED', 'close']);

    // Closed by the callback of a write: the close callback is the last all the same.
    const [early] = net.pair();
    const last: string[] = [];
    early.setCloseCallback(() => last.push('close'));
    early.write(Buffer.from('x'), () => early.close());
    early.write(pattern(MIB), () => last.push('write'));
    net.until(() => last.length === 2);
    assert.deepEqual(last, ['write', 'close']);
  },
);

onEveryPoller(
  'S15',
  'one byte of room need not be room: nothing is assumed, nothing spins, nothing is lost',
  (net) => {
    const [stream, peer] = net.tcp();
    const sent = pattern(16 * MIB);
    let outcome: unknown;
    stream.write(sent, (told) => {
      outcome = told;
    });
    net.runFor(20);
    assert.equal(read(peer, block.address, 1), 1);
    const first = new Uint8Array(block.buffer)[0];
    const { events } = net.loop.counters;
    net.runFor(30);
    assert.ok(net.loop.counters.events - events <= 4, `${net.loop.counters.events - events} events`);
    const seen = collect(net, peer);
    net.until(() => seen.size === sent.length - 1 && outcome !== undefined);
    assert.equal(outcome, WRITTEN);
    assert.equal(first, sent[0]);
    assert.ok(seen.bytes().equals(sent.subarray(1)));
  },
);

onEveryPoller('S16', 'above high water not writable, from low water on writable, with one drain', (net) => {
  const [stream, peer] = net.pair({ highWaterBytes: 1000, lowWaterBytes: 100 });
  let drains = 0;
  stream.setDrainCallback(() => {
    drains++;
    assert.ok(stream.writable);
    assert.ok(stream.queuedBytes <= 100);
  });
  fill(stream.fd);
  stream.write(pattern(1000));
  assert.ok(stream.writable, 'at high water');
  stream.write(pattern(1));
  assert.ok(!stream.writable, 'above high water');
  net.runFor(5);
  assert.equal(drains, 0);
  collect(net, peer);
  net.until(() => drains > 0);
  // Below high water and back again is no event.
  stream.write(pattern(10));
  net.runFor(5);
  assert.equal(drains, 1);
});

onEveryPoller('S17', 'a write while connecting goes out after the connection is made', (net) => {
  let got = '';
  const { port } = net.serve((served) =>
    served.readBytes(5, (bytes) => {
      got = textOf(bytes);
    }),
  );
  const stream = net.stream(openTcpSocket());
  const told: string[] = [];
  stream.connect('127.0.0.1', port, () => told.push('connected'));
  stream.write(Buffer.from('hel'), () => told.push('written'));
  stream.write(Buffer.from('lo'), () => told.push('written'));
  assert.equal(stream.queuedBytes, 5);
  assert.deepEqual(told, []);
  net.until(() => got !== '' && told.length === 3);
  assert.equal(got, 'hello');
  assert.deepEqual(told, ['connected', 'written', 'written']);
});

onEveryPoller('S18', 'a write after close throws CLOSED before any system call', (net) => {
  const [stream] = net.pair();
  stream.close();
  const { count } = net.loop.counters.syscall('send');
  assert.throws(() => stream.write(Buffer.from('x')), { code: 'CLOSED' });
  assert.equal(net.loop.counters.syscall('send').count, count);
});

onEveryPoller('S30', 'shutdown: all that is queued arrives before the end', (net) => {
  const [stream, peer] = net.tcp();
  const sent = pattern(4 * MIB + 17);
  fill(peer);
  stream.write(sent);
  stream.shutdown();
  stream.shutdown();
  assert.ok(stream.queuedBytes > 0);
  assert.throws(() => stream.write(Buffer.from('x')), { code: 'SHUT_DOWN' });
  const seen = collect(net, peer);
  net.until(() => seen.ended, 'the end');
  assert.ok(seen.bytes().equals(sent));
  assert.ok(!stream.closed);
});

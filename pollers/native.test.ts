import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readySet, Workbench } from './contract/workbench.js';
import { POLLFD_BYTES } from './libc/layout.js';
import { enterRing } from './libc/linux/io-uring.js';
import { epollWaitCall } from './libc/linux/polling.js';
import { foreign } from './libc/memory.js';
import { pollCall, selectCall } from './libc/polling.js';
import { createPoller, loadedPollers } from './loaded.js';
import { type Interest, type NativeCall, type NativeWait, type Poller, READ, WRITE } from './poller.js';

/** Makes the described call on the poller's own memory, as C would. Something is ready, so no timeout is needed. */
function make(native: NativeWait): number {
  const call = native.call();
  switch (call.call) {
    case 'select':
      return selectCall(call.nfds, call.readWanted, call.writeWanted, 0, 0);
    case 'poll':
      return pollCall(call.pollfds, call.count, 0);
    case 'poll-each': {
      let ready = 0;
      for (let slot = 0; slot < call.count; slot++)
        ready += pollCall(call.pollfds + slot * POLLFD_BYTES, 1, 0);
      return ready;
    }
    case 'epoll':
      return epollWaitCall(call.epfd, call.events, call.room, 0);
    case 'io_uring':
      return takeCompletions(call);
  }
}

/** Asks what there is to ask, and takes what is completed then. */
function takeCompletions(call: NativeCall & { call: 'io_uring' }): number {
  const word = (address: number) => new Int32Array(foreign(address, 4));
  const [sqHead, sqTail, cqHead, cqTail] = [call.sqHead, call.sqTail, call.cqHead, call.cqTail].map(word) as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  enterRing(call.ring, (sqTail[0] as number) - (sqHead[0] as number));
  const completed = (cqTail[0] as number) - (cqHead[0] as number);
  cqHead[0] = cqTail[0] as number;
  return completed;
}

const entries = (poller: Poller, count: number) =>
  new Map(Array.from({ length: count }, (_, i) => [poller.readyFds[i], poller.readyEvents[i]]));

for (const name of loadedPollers) {
  for (const interests of [[READ], [WRITE], [READ, WRITE, READ | WRITE]] as Interest[][]) {
    test(`the native call of ${name} is the wait's own, interests ${interests}`, async (t) => {
      const bench = new Workbench({ name, create: () => createPoller(name) });
      try {
        const poller = bench.poller();
        const { native } = poller;
        if (!native) return t.skip('it has no native call');
        if (poller.capabilities.trigger !== 'level')
          return t.skip('a second wait sees nothing that it could be compared with');
        for (let i = 0; i < 100; i++) {
          const fd = i % 2 ? bench.eventfd() : bench.raisedEventfd();
          poller.register(fd, interests[i % interests.length] as Interest);
        }
        // A poller that grows its room needs a second wait to see all.
        for (let wait = 0; wait < 2; wait++) readySet(poller);
        const expected = readySet(poller);
        const call = native.call();
        if (call.call === 'select') {
          // The answer of the last wait is where the call is told to put it: asked about that, the kernel says the same.
          const again = selectCall(call.nfds, call.readGot, call.writeGot, 0, 0);
          assert.deepEqual(entries(poller, native.collect(again)), expected);
          assert.ok(call.bytes * 8 >= call.nfds);
        }
        const answered = make(native);
        poller.readyFds.fill(-1);
        assert.equal(native.collect(answered), expected.size);
        assert.deepEqual(entries(poller, expected.size), expected);
        assert.ok(native.sharedBytes() > 0 && native.sharedBytes() < poller.userBytes());
      } finally {
        await bench.clear();
      }
    });
  }
}

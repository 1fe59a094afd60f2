import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, readySet } from './contract/bench.js';
import type { Dissectable } from './dissection.js';
import { EpollPoller } from './epoll.js';
import { epollWaitCall, pollCall, selectCall } from './libc/polling.js';
import { PollPoller } from './poll.js';
import { type Interest, type Poller, READ, WRITE } from './poller.js';
import { SelectPoller } from './select.js';

/** Makes the described call on the poller's own memory, as C would. Something is ready, so no timeout is needed. */
function callOf(poller: Dissectable): number {
  const native = poller.nativeCall();
  switch (native.call) {
    case 'select':
      return selectCall(native.nfds, native.readWanted, native.writeWanted, 0, 0);
    case 'poll':
      return pollCall(native.pollfds, native.count, 0);
    case 'epoll':
      return epollWaitCall(native.epfd, native.events, native.room, 0);
  }
}

const entries = (poller: Poller, count: number) =>
  new Map(Array.from({ length: count }, (_, i) => [poller.readyFds[i], poller.readyEvents[i]]));

const dissectable = {
  select: () => new SelectPoller(),
  'select-wide': () => new SelectPoller({ wide: true }),
  poll: () => new PollPoller(),
  epoll: () => new EpollPoller(),
};

for (const [name, create] of Object.entries(dissectable)) {
  for (const interests of [[READ], [WRITE], [READ, WRITE, READ | WRITE]] as Interest[][]) {
    test(`the native call of ${name} is the wait's own, interests ${interests}`, async () => {
      const bench = new Bench({ name, create });
      try {
        const poller = bench.poller() as Poller & Dissectable;
        for (let i = 0; i < 100; i++) {
          const fd = i % 2 ? bench.eventfd() : bench.raisedEventfd();
          poller.register(fd, interests[i % interests.length] as Interest);
        }
        // A poller that grows its room needs a second wait to see all.
        for (let wait = 0; wait < 2; wait++) readySet(poller);
        const expected = readySet(poller);
        const native = poller.nativeCall();
        if (native.call === 'select') {
          // The answer of the last wait is where the call is told to put it: asked about that, the kernel says the same.
          const again = selectCall(native.nfds, native.readGot, native.writeGot, 0, 0);
          assert.deepEqual(entries(poller, poller.collect(again)), expected);
          assert.ok(native.bytes * 8 >= native.nfds);
        }
        const answered = callOf(poller);
        poller.readyFds.fill(-1);
        assert.equal(poller.collect(answered), expected.size);
        assert.deepEqual(entries(poller, expected.size), expected);
      } finally {
        await bench.clear();
      }
    });
  }
}

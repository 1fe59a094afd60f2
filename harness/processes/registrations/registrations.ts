import { readdirSync, readFileSync } from 'node:fs';
import { close, read } from '../../../pollers/libc/linux/files.js';
import { send, socketpair } from '../../../pollers/libc/linux/sockets.js';
import { allocate } from '../../../pollers/libc/memory.js';
import { createPoller } from '../../../pollers/loaded.js';
import { type Poller, READ, WRITE } from '../../../pollers/poller.js';
import { belongToParent, serve } from '../control/child.js';
import type { Endured, RegistrationsProtocol } from './protocol.js';

/** Registers and unregisters many times, and says what is left of it. */

belongToParent();

const PAIRS = 200;
/** Of all passes, after which memory has to have come to rest. */
const SETTLED = 0.3;
const MOST_GROWTH_BYTES = 16 * 2 ** 20;

const byte = allocate(8);

const openFds = (): number => readdirSync('/proc/self/fd').length;
const residentBytes = (): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;

/** Some are readable, some change what they want, and now and then a wait sees the set as it is. */
function pass(poller: Poller, fds: readonly number[], at: number): void {
  for (const fd of fds) poller.register(fd, READ);
  if (at % 7 === 0) poller.wait(0);
  for (let index = at % 3; index < fds.length; index += 3) poller.modify(fds[index] as number, WRITE);
  if (at % 11 === 0) poller.wait(0);
  for (const fd of fds) poller.unregister(fd);
}

function endure(name: string, count: number): Endured {
  const passes = Math.ceil(count / PAIRS);
  const broken: string[] = [];
  const startedMs = performance.now();
  const poller = createPoller(name);
  const pairs = Array.from({ length: PAIRS }, socketpair);
  const fds = pairs.map(([near]) => near);
  for (const [at, [, far]] of pairs.entries()) if (at % 2 === 0) send(far, byte.address, 1);
  let before = { fds: 0, userBytes: 0, residentBytes: 0 };
  for (let at = 0; at < passes; at++) {
    pass(poller, fds, at);
    if (at === Math.floor(passes * SETTLED))
      before = { fds: openFds(), userBytes: poller.userBytes(), residentBytes: residentBytes() };
  }
  const grown = residentBytes() - before.residentBytes;
  const same = (what: string, is: number, should: number) => {
    if (is !== should) broken.push(`${what}: ${is} instead of ${should}`);
  };
  same('registered fds', poller.size, 0);
  same('bytes of its buffers', poller.userBytes(), before.userBytes);
  same('open fds', openFds(), before.fds);
  same('fds reported', poller.wait(0), 0);
  same('fds reported by a second wait', poller.wait(0), 0);
  if (grown > MOST_GROWTH_BYTES) broken.push(`${(grown / 2 ** 20).toFixed(0)} MiB more resident memory`);
  // A file that the kernel still held for it would stay open.
  const held = pairs.filter(([near, far]) => {
    close(near);
    try {
      return read(far, byte.address, 1) !== 0;
    } catch (error) {
      // Its peer went away with something unread.
      return (error as { code?: string }).code !== 'ECONNRESET';
    } finally {
      close(far);
    }
  });
  same('files that are still held', held.length, 0);
  poller.close();
  return {
    registrations: passes * PAIRS,
    seconds: (performance.now() - startedMs) / 1000,
    grownBytes: grown,
    broken,
  };
}

serve<RegistrationsProtocol>({ endure: ({ poller, count }) => endure(poller, count) });

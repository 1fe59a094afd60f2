import { constants, getPriority, setPriority } from 'node:os';
import { SyscallError } from '../../../pollers/libc/call.js';
import { close } from '../../../pollers/libc/files.js';
import { runBeforeOthers, runInShortSlices } from '../../../pollers/libc/process.js';
import { accept, listenOnLoopback, startConnecting } from '../../../pollers/libc/sockets.js';
import { PollPoller } from '../../../pollers/poll.js';
import { READ } from '../../../pollers/poller.js';
import type { Available } from '../control/messages.js';

/** What processes need of the place where they run, tried. */

// TypeScript has this among the types of browsers only.
declare const WebAssembly: { Memory: new (size: { initial: number }) => object };

/** Whether a thread here may run before others, as the load of a server does. */
export const tryRealtime = (): Available<object> => tried(() => runBeforeOthers()());

/** Whether a process here may have the highest rank of ordinary ones, as a server does. */
export function tryHighestNice(): Available<object> {
  const usual = getPriority();
  return tried(() => {
    setPriority(constants.priority.PRIORITY_HIGHEST);
    setPriority(usual);
  });
}

/** Whether a thread here may ask for short slices of its CPU, as a server does while beats come. */
export const tryShortSlices = (): Available<object> =>
  tried(() => {
    const giveBack = runInShortSlices();
    if (giveBack === null) throw new Error('this kernel has no slices to ask for (Linux 6.12 has)');
    giveBack();
  });

function tried(ask: () => void): Available<object> {
  try {
    ask();
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
}

/** Whether Node offers WebAssembly (not under --jitless), and whether its memory, 10 GiB of addresses, can be had. */
export function tryWebAssembly(): Available<object> {
  try {
    new WebAssembly.Memory({ initial: 1 });
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: `no WebAssembly, which parses HTTP: ${(error as Error).message}` };
  }
}

const CONNECT_DEADLINE_MS = 2000;

/** Whether a connection to 127.0.0.1 is made. */
export function tryLoopback(): Available<object> {
  const fds: number[] = [];
  const poller = new PollPoller();
  try {
    const { fd, port } = listenOnLoopback(1);
    fds.push(fd);
    fds.push(startConnecting(port));
    poller.register(fd, READ);
    if (poller.wait(CONNECT_DEADLINE_MS) === 0)
      return { ok: false, reason: `no connection to 127.0.0.1 within ${CONNECT_DEADLINE_MS / 1000} s` };
    fds.push(accept(fd));
    return { ok: true };
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return {
      ok: false,
      reason: `no connection to 127.0.0.1 (${error.syscall}: ${error.code}): loopback is down`,
    };
  } finally {
    poller.close();
    fds.forEach(close);
  }
}

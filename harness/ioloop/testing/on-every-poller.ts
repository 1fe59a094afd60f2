import { test } from 'node:test';
import { Workbench } from '../../../pollers/contract/workbench.js';
import { endProcessIn, fdLimit } from '../../../pollers/libc/linux/process.js';
import { createPoller, loadedPollers } from '../../../pollers/loaded.js';
import type { PollerName } from '../../../pollers/manifest.js';
import type { Capabilities, Poller } from '../../../pollers/poller.js';
import { IOLoop } from '../ioloop.js';
import { rethrow } from './fake-loop.js';

export interface RealLoop {
  readonly name: PollerName;
  readonly loop: IOLoop;
  readonly poller: Poller;
  /** Opens fds, and closes after the test those that are open. */
  readonly bench: Workbench;
  /** Something to do when the test is over, however it ends. */
  after(cleanUp: () => void): void;
}

/** A loop that hangs lets no timer of the test runner run: the kernel ends it. */
const PATIENCE_S = 60;

/** Runs a test once with every poller, except with those that, for the reason given, cannot pass it. */
export function onEveryPoller(
  title: string,
  body: (real: RealLoop) => void | Promise<void>,
  cannot: (capabilities: Capabilities) => string | undefined = () => undefined,
): void {
  for (const name of loadedPollers) {
    test(`${title} [${name}]`, async (t) => {
      const poller = createPoller(name);
      const reason = cannot(poller.capabilities);
      if (reason !== undefined) {
        poller.close();
        t.skip(reason);
        return;
      }
      const bench = new Workbench({ name, create: () => createPoller(name) });
      const loop = new IOLoop({ poller, onError: rethrow });
      endProcessIn(PATIENCE_S);
      try {
        await body({ name, loop, poller, bench, after: (cleanUp) => t.after(cleanUp) });
      } finally {
        endProcessIn(0);
        loop.close();
        await bench.clear();
      }
    });
  }
}

export const needsLevel = ({ trigger }: Capabilities): string | undefined =>
  trigger === 'level' ? undefined : 'edge-triggered: what stays ready is reported once';

export const needsSleep = ({ blocks }: Capabilities): string | undefined =>
  blocks ? undefined : 'never blocks, so there is no sleep to interrupt or to count';

/** As many fds as a poller and the process have room for. */
export const roomForFds = ({ maxFd }: Capabilities, most: number): number =>
  Math.min(most, fdLimit().soft - 200, maxFd - 200);

export interface Wait {
  readonly timeoutMs: number | null;
  /** When it began, on the loop's clock. */
  readonly atMs: number;
}

/** Notes each wait of a poller from now on. */
export function recordWaits(poller: Poller, loop: IOLoop): Wait[] {
  const waits: Wait[] = [];
  const wait = poller.wait.bind(poller);
  poller.wait = (timeoutMs) => {
    waits.push({ timeoutMs, atMs: loop.time() });
    return wait(timeoutMs);
  };
  return waits;
}

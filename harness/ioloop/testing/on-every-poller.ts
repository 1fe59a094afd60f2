import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { before, type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { openFds, Workbench } from '../../../pollers/contract/workbench.js';
import { fdLimit } from '../../../pollers/libc/linux/process.js';
import { createPoller, loadedPollers } from '../../../pollers/loaded.js';
import type { PollerName } from '../../../pollers/manifest.js';
import type { Capabilities, Poller } from '../../../pollers/poller.js';
import { until } from '../../testing/until.js';
import { IOLoop } from '../ioloop.js';
import { rethrow } from './fake-loop.js';

export interface RealLoop {
  readonly name: PollerName;
  readonly loop: IOLoop;
  readonly poller: Poller;
  /** Opens fds, and closes after the test those that are open. */
  readonly bench: Workbench;
  /** Something to do when the test is over, however it ends. */
  after(cleanUp: () => void | Promise<void>): void;
}

export type Cannot = (capabilities: Capabilities) => string | undefined;

let isWarm = false;

/**
 * Makes a test for every poller, except for those that, for the reason given, cannot pass it. The body closes what it opens,
 * the poller too: not one fd may be left. A workbench ends a loop that hangs.
 */
export function testEveryPoller(
  titleOf: (name: PollerName) => string,
  body: (name: PollerName, poller: Poller) => Promise<void>,
  cannot: Cannot = () => undefined,
): void {
  if (!isWarm) {
    isWarm = true;
    before(async () => {
      // Node opens fds of its own with the first process and the first signal handler, and keeps them.
      await once(spawn('true', { stdio: 'ignore' }), 'exit');
    });
  }
  for (const name of loadedPollers) test(titleOf(name), (t) => runOn(name, t, body, cannot));
}

async function runOn(
  name: PollerName,
  t: TestContext,
  body: (name: PollerName, poller: Poller) => Promise<void>,
  cannot: Cannot,
): Promise<void> {
  const fdsBefore = openFds();
  const poller = createPoller(name);
  const reason = cannot(poller.capabilities);
  if (reason !== undefined) {
    poller.close();
    t.skip(reason);
    return;
  }
  await body(name, poller);
  // A thread of Node's may have one open for a moment; one that is left stays.
  const isAsBefore = () => isDeepStrictEqual(openFds(), fdsBefore);
  await until(isAsBefore, () => `no fd is left open: ${openFds()} after ${fdsBefore}`);
}

/** Runs a test once with every poller, except with those that, for the reason given, cannot pass it. */
export function onEveryPoller(
  title: string,
  body: (real: RealLoop) => void | Promise<void>,
  cannot?: Cannot,
): void {
  const run = async (name: PollerName, poller: Poller) => {
    const bench = new Workbench({ name, create: () => createPoller(name) });
    const loop = new IOLoop({ poller, onError: rethrow });
    const cleanUps: (() => void | Promise<void>)[] = [];
    try {
      await body({ name, loop, poller, bench, after: (cleanUp) => cleanUps.push(cleanUp) });
    } finally {
      for (const cleanUp of cleanUps) await cleanUp();
      loop.close();
      await bench.clear();
    }
  };
  testEveryPoller((name) => `${title} [${name}]`, run, cannot);
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

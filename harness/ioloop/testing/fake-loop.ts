import type { ErrorReport } from '../errors.js';
import { IOLoop, type IOLoopOptions } from '../ioloop.js';
import { FakePoller } from './fake-poller.js';
import { JumpingClock } from './jumping-clock.js';

/** A loop outside time. An error that the test does not expect ends `start()`. */
export function fakeLoop(options: Partial<Pick<IOLoopOptions, 'onError' | 'slow'>> = {}) {
  const clock = new JumpingClock();
  const poller = new FakePoller(clock);
  const loop = new IOLoop({ poller, clock, onError: rethrow, ...options });
  return { clock, poller, loop };
}

export function rethrow(report: ErrorReport): void {
  throw report.error;
}

export const fail = (what: string) => (): never => {
  throw new Error(`${what} was called`);
};

export const ignore = (): void => {};

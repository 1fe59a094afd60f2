import { pollCall } from './libc/polling.js';
import { PollfdPoller } from './pollfds.js';

/** poll(2): the whole array in one call. */
export class PollPoller extends PollfdPoller {
  constructor() {
    super('poll', { blocks: true, call: 'poll' });
  }

  protected override ask(pollfds: number, count: number, timeoutMs: number): number {
    return pollCall(pollfds, count, timeoutMs);
  }
}

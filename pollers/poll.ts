import type { Dissectable, NativeCall } from './dissection.js';
import { pollCall } from './libc/polling.js';
import { PollfdPoller } from './pollfds.js';

/** poll(2): the whole array in one call. */
export class PollPoller extends PollfdPoller implements Dissectable {
  constructor() {
    super('poll', { blocks: true });
  }

  protected override ask(pollfds: number, count: number, timeoutMs: number): number {
    return pollCall(pollfds, count, timeoutMs);
  }

  nativeCall(): NativeCall {
    const { address, count } = this.pollfds;
    return { call: 'poll', pollfds: address, count };
  }
}

/**
 * A turn taken apart, for the turn probe: the system call with its arguments, so that C can make the same call on the
 * same memory, and the walk over its answer, so that it can be timed alone.
 */
export interface Dissectable {
  nativeCall(): NativeCall;
  /** Fills the ready set from the last answer once more. `answered` is what the call returned. */
  collect(answered: number): number;
}

/** Addresses are plain numbers, 0 for NULL; bitmaps are `bytes` long each. */
export type NativeCall =
  | {
      readonly call: 'select';
      readonly nfds: number;
      readonly bytes: number;
      readonly readWanted: number;
      readonly writeWanted: number;
      readonly readGot: number;
      readonly writeGot: number;
    }
  | { readonly call: 'poll'; readonly pollfds: number; readonly count: number }
  | {
      readonly call: 'epoll';
      readonly epfd: number;
      readonly events: number;
      readonly room: number;
      /** The bit that registrations carry for their trigger; 0: level. */
      readonly triggerBit: number;
    };

import type { Clock } from './clock.js';
import type { Handler } from './handlers.js';

/** Something that the loop called and that kept it for longer than it should. */
export interface SlowCall {
  readonly source: 'handler' | 'callback' | 'timer';
  /** Of a handler, else -1. */
  readonly fd: number;
  /** The function's name, as far as it has one. */
  readonly name: string;
  readonly tookMs: number;
}

/** Which calls are slow, and who hears of them. */
export interface SlowCalls {
  readonly aboveMs: number;
  report(call: SlowCall): void;
}

/** What to call instead: it takes the time, also of a call that throws. */
export function timed(
  { aboveMs, report }: SlowCalls,
  clock: Clock,
  source: SlowCall['source'],
  call: Handler,
): Handler {
  return (fd = -1, events = 0) => {
    const startMs = clock.now();
    try {
      call(fd, events);
    } finally {
      const tookMs = clock.now() - startMs;
      if (tookMs > aboveMs) report({ source, fd, name: call.name, tookMs });
    }
  };
}

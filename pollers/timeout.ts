const MOST_MS = 2 ** 31 - 1;

/** As poll and epoll take it: -1 blocks, 0 does not, fractions round up (never early), large ones are clamped. */
export function wholeMilliseconds(timeoutMs: number | null): number {
  if (timeoutMs === null) return -1;
  return timeoutMs > 0 ? roundedUp(timeoutMs) : 0;
}

const roundedUp = (timeoutMs: number): number => Math.min(Math.ceil(timeoutMs), MOST_MS);

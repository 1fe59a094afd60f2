/**
 * From one address to one target there are about 28 000 ports, and finding a free one takes the kernel ever longer when
 * most of them are taken.
 */
export const PER_SOURCE = 10_000;

const LOOPBACK = /^127\.|^localhost$/;
/** 127.0.0.1 to 127.0.0.254. */
export const SOURCES = 254;

/**
 * Where connection `number` comes from: 127.0.0.1 first, then the addresses after it, so many from each, and round
 * again; `skipped` addresses had no port left. Null leaves it to the kernel: the target is not of this machine.
 */
export const sourceOf = (
  target: string,
  number: number,
  perSource: number,
  skipped: number,
): string | null =>
  LOOPBACK.test(target) ? `127.0.0.${1 + ((Math.floor(number / perSource) + skipped) % SOURCES)}` : null;

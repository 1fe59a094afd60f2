import { asTyped } from '../../collectors/invocation.js';
import { availableBytes } from '../../collectors/room.js';
import { check, fine } from '../check.js';

/** Both ends of a loopback TCP connection with their files: 5.4 KiB on Linux 6.18. */
const PAIR_BYTES = 8 * 1024;
/** The harness, a subject, its load, and a report being made. */
const PROGRAM_BYTES = 512 * 1024 ** 2;
const GIB = 1024 ** 3;

export const memory = check({
  id: 'memory',
  group: 'sockets',
  read: availableBytes,
  judge(available, { probe }) {
    if (available === null) return fine('not visible');
    const pairs = probe.ok ? probe.facts.numbers.mostPairs : 0;
    const needed = PROGRAM_BYTES + pairs * PAIR_BYTES;
    const run = pairs > 0 ? `a run with ${pairs} pairs of sockets` : 'a run';
    const finding = `${gib(available)} available; ${run} needs up to ${gib(needed)}`;
    if (available >= needed) return fine(finding);
    return {
      state: 'limited',
      finding,
      consequence:
        'launches with the most sockets may be killed for want of memory; fewer connections need less',
      command: asTyped('bench --connections 1,10,100,1000'),
    };
  },
});

const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;

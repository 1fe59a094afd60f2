import { isLinux } from './system.js';

/** Clocks, by this system. */
type Clock = typeof import('./bsd/clock.js');

const clock: Clock = await (isLinux ? import('./linux/clock.js') : import('./bsd/clock.js'));

export const { monotonicNs, sleepUntilNs, threadCpuNs } = clock;

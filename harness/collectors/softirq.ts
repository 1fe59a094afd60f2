import type { Collector } from './collector.js';
import { msOnCpu, SOFTIRQ } from './cpu-ticks.js';

/** Time that the kernel's deferred work, the network's among it, took of the subject's CPU (or of all), in ms. */
export const softirqMs: Collector = { read: ({ cpu }) => msOnCpu(cpu, SOFTIRQ) };

import type { ProbeProtocol } from '../turn-probe/protocol.js';

/** What could serve as a speed sentinel. */
export const FORMS = {
  units: 'independent chains over 4 KiB: the execution units of the core',
  chain: 'one dependent chain: each step waits for the one before',
  cache: 'a chase through 512 KiB: the caches beyond the first',
  poll: 'a short poll() on idle sockets: the same kind as what is measured',
} as const;

export type Form = keyof typeof FORMS;

/** A turn probe that reads every form of sentinel around every batch. */
export interface SentinelTrialProtocol extends ProbeProtocol {
  /** What was read since the last time: before and after each batch of each sample, in CPU ns. */
  readings: { ask: object; answer: { readonly readings: Readonly<Record<Form, readonly number[]>> } };
}

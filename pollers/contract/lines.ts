import { closing } from './closing.js';
import { hangup } from './hangup.js';
import type { Circumstances, Line } from './line.js';
import { registration } from './registration.js';
import { scale } from './scale.js';
import type { ContractSubject } from './subject.js';
import { fdLimit } from './system.js';
import { triggering } from './trigger.js';
import { waiting } from './waiting.js';

/** The contract that every poller must keep: lines P1 to P45 of the behaviour catalogue, each once. */
export const contract: readonly Line[] = [
  ...registration,
  ...waiting,
  ...closing,
  ...hangup,
  ...triggering,
  ...scale,
];

export function circumstancesOf(subject: ContractSubject): Circumstances {
  const poller = subject.create();
  const call = poller.native?.call().call ?? null;
  poller.close();
  return { ...poller.capabilities, call, fdLimit: fdLimit().soft };
}

import { test } from 'node:test';
import { Bench } from './contract/bench.js';
import { closing } from './contract/closing.js';
import { hangup } from './contract/hangup.js';
import type { Circumstances, ContractSubject, Line } from './contract/line.js';
import { registration } from './contract/registration.js';
import { scale } from './contract/scale.js';
import { triggering } from './contract/trigger.js';
import { waiting } from './contract/waiting.js';
import { fdLimit } from './libc/process.js';
import type { Poller } from './poller.js';

/** The contract that every poller must keep: lines P1 to P45 of the behaviour catalogue, each once. */
export const contract: readonly Line[] = [
  ...registration,
  ...waiting,
  ...closing,
  ...hangup,
  ...triggering,
  ...scale,
];

/** One test for each line. */
export function testContract(subject: ContractSubject): void {
  const circumstances = circumstancesOf(subject);
  for (const { line, title, skip, run } of contract) {
    const reason = skip?.(circumstances);
    test(`P${line} ${subject.name}: ${title}`, reason ? { skip: reason } : {}, async (t) => {
      const bench = new Bench(subject);
      try {
        const outcome = await run(bench);
        if (outcome) t.skip(outcome.skipped);
      } finally {
        await bench.clear();
      }
    });
  }
}

export function circumstancesOf(subject: ContractSubject): Circumstances {
  const poller: Poller = subject.create();
  const call = poller.native?.call().call ?? null;
  poller.close();
  return { ...poller.capabilities, call, fdLimit: fdLimit().soft };
}

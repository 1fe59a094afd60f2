import { test } from 'node:test';
import { createPoller } from '../loaded.js';
import { circumstancesOf, contract } from './lines.js';
import type { ContractSubject } from './subject.js';
import { Workbench } from './workbench.js';

/** One test for each line of the contract: all that a poller's own test has to call. */
export function testContract(
  name: string,
  create: ContractSubject['create'] = (options = {}) => createPoller(name, options),
  more: Pick<ContractSubject, 'withoutEventfd'> = {},
): void {
  const subject = { name, create, ...more };
  const circumstances = circumstancesOf(subject);
  for (const { line, title, skip, run } of contract) {
    const reason = skip?.(circumstances);
    test(`P${line} ${name}: ${title}`, reason ? { skip: reason } : {}, async (t) => {
      const bench = new Workbench(subject);
      try {
        const outcome = await run(bench);
        if (outcome) t.skip(outcome.skipped);
      } finally {
        await bench.clear();
      }
    });
  }
}

import { asTyped } from '../collectors/invocation.js';
import type { ContractProtocol, Outcome } from '../processes/contract/protocol.js';
import { type Child, ChildFailure, startContract } from '../processes/control/parent.js';
import type { ProbeFacts } from '../processes/turn-probe/protocol.js';

/** A user's own poller that cannot be used, in one line. */
export class UnusablePoller extends Error {
  override readonly name = 'UnusablePoller';
}

/** What came of one line of the contract. */
export type Behaviour = { readonly line: string; readonly title: string } & Outcome;

const LOAD_DEADLINE_MS = 10_000;
/** The slowest behaviour takes a few seconds, on a busy machine some more. */
const LINE_DEADLINE_MS = 20_000;
/** Whoever did not come back from one behaviour is expected to do so again. */
const NEXT_DEADLINE_MS = 5000;
const MOST_LOST = 3;

/**
 * Holds the poller of the module at an absolute path to the contract, each line with a deadline, and yields what comes of
 * each. @throws UnusablePoller when there is nothing to hold to it
 */
export async function* holdToContract(file: string): AsyncGenerator<Behaviour> {
  let { child, lines } = await loaded(file);
  let lost = 0;
  try {
    for (const { line, title } of lines) {
      if (lost === MOST_LOST) {
        yield {
          line: `P${line}`,
          title,
          outcome: 'skipped',
          why: 'not tried: too many before it did not come back',
        };
        continue;
      }
      yield { line: `P${line}`, title, ...(await outcomeOf(child, line, lost)) };
      if (child.ending === null || ++lost === MOST_LOST) continue;
      ({ child, lines } = await loaded(file));
    }
  } finally {
    await child.end();
  }
}

async function loaded(file: string) {
  const child = startContract();
  try {
    const { lines } = await child.request('load', { file }, LOAD_DEADLINE_MS);
    return { child, lines };
  } catch (error) {
    const isLost = child.ending !== null;
    child.kill();
    if (!(error instanceof ChildFailure)) throw error;
    throw new UnusablePoller(
      `${file}: ${isLost ? 'the module does not come to the end of its loading' : bare(error)}`,
    );
  }
}

/** What a child was lost over is a failure of the poller. */
async function outcomeOf(child: Child<ContractProtocol>, line: number, lost: number): Promise<Outcome> {
  try {
    return await child.request('run', { line }, lost === 0 ? LINE_DEADLINE_MS : NEXT_DEADLINE_MS);
  } catch (error) {
    if (!(error instanceof ChildFailure)) throw error;
    return { outcome: 'failed', why: bare(error).replace("did not answer 'run'", 'did not come back') };
  }
}

const bare = ({ message }: Error): string => message.replace(/^contract: /, '');

/** @throws UnusablePoller where the module makes no poller */
export async function requireLoads(file: string): Promise<void> {
  const { child } = await loaded(file);
  await child.end();
}

/** Nothing is measured with a poller that does not keep the contract. @throws UnusablePoller at the first failure */
export async function requireContract(name: string, file: string): Promise<void> {
  for await (const behaviour of holdToContract(file)) {
    if (behaviour.outcome !== 'failed') continue;
    const { line, title, why } = behaviour;
    throw new UnusablePoller(
      `${name} does not keep the contract: ${line} (${title}): ${why}; see '${asTyped(`check ${file}`)}'`,
    );
  }
}

/** @throws UnusablePoller with the probe's reason for one that cannot be used on this machine */
export function requireUsable(name: string, { pollers, refused }: ProbeFacts): void {
  if (pollers[name] === undefined)
    throw new UnusablePoller(`${name} cannot be used here: ${refused[name] ?? 'the probe does not know it'}`);
}

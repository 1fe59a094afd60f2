import { circumstancesOf, contract } from '../../../pollers/contract/lines.js';
import type { ContractSubject } from '../../../pollers/contract/subject.js';
import { Workbench } from '../../../pollers/contract/workbench.js';
import { loadOwn } from '../../../pollers/own.js';
import { belongToParent, LATER, serveOnNodesLoop } from '../control/child.js';
import type { ContractProtocol, Outcome } from './protocol.js';

/** Holds a user's own poller to the contract. Whoever asks has a deadline: a poller that does not come back is not waited for. */

belongToParent();

let subject: ContractSubject | null = null;

async function load(file: string) {
  const create = await loadOwn(file);
  create().close();
  subject = { name: 'own', create };
  return { lines: contract.map(({ line, title }) => ({ line, title })) };
}

async function run(line: number): Promise<Outcome> {
  if (!subject) throw new Error('no poller was loaded');
  const behaviour = contract.find((each) => each.line === line);
  if (!behaviour) throw new Error(`the contract has no line ${line}`);
  const why = behaviour.skip?.(circumstancesOf(subject));
  if (why !== undefined) return { outcome: 'skipped', why };
  const bench = new Workbench(subject);
  try {
    const skipped = await behaviour.run(bench);
    return skipped ? { outcome: 'skipped', why: skipped.skipped } : { outcome: 'passed' };
  } catch (error) {
    return { outcome: 'failed', why: inOneLine(error) };
  } finally {
    await bench.clear();
  }
}

const MOST_LETTERS = 240;

/** An assertion says on several lines what it compared. */
function inOneLine(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text;
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

serveOnNodesLoop<ContractProtocol>({
  load({ file }, answered) {
    load(file).then(answered, (error) => answered(asError(error)));
    return LATER;
  },
  run({ line }, answered) {
    run(line).then(answered, (error) => answered(asError(error)));
    return LATER;
  },
});

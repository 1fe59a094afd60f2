import { type Behaviour, holdToContract } from '../run/own-pollers.js';
import { pathOfModule } from './poller-option.js';
import { requireLinux } from './system.js';

const OUTCOMES = ['passed', 'failed', 'skipped'] as const;

/** Holds a user's poller to the contract and prints what came of each line. @returns the exit code */
export async function check(file: string, { json = false }: { json?: boolean }): Promise<number> {
  requireLinux('check');
  const path = pathOfModule(file);
  const behaviours: Behaviour[] = [];
  for await (const behaviour of holdToContract(path)) {
    behaviours.push(behaviour);
    if (!json) print(behaviour);
  }
  const counts = OUTCOMES.map(
    (outcome) => [outcome, behaviours.filter((behaviour) => behaviour.outcome === outcome).length] as const,
  );
  process.stdout.write(
    json
      ? `${JSON.stringify({ ...Object.fromEntries(counts), behaviours }, null, 1)}\n`
      : `${counts.map(([outcome, count]) => `${count} ${outcome}`).join(', ')}\n`,
  );
  return behaviours.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
}

function print(behaviour: Behaviour): void {
  const { outcome, line, title } = behaviour;
  const why = behaviour.outcome === 'passed' ? '' : `: ${behaviour.why}`;
  process.stdout.write(`${outcome.padEnd(7)}  ${line.padEnd(3)}  ${title}${why}\n`);
}

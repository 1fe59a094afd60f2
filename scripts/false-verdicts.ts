import '../harness/cli/begin.js';
import { AT_LIMITS, SCATTER, tallyOf } from '../harness/claims/testing/false-verdicts.js';
import { table } from '../harness/cli/table.js';
import { optionsOrExit, wholeNumberOption } from './options.js';

/**
 * `npm run false-verdicts -- [--runs 200] [--claim ID]`: planted runs whose truth lies right at a limit of a rule, and how often
 * the court says what the truth denies. Exit code 1 where what supports the claim, or `fails`, comes out of more than 5 %.
 */

const MOST = 0.05;

const { values } = optionsOrExit({
  options: { runs: { type: 'string', default: '200' }, claim: { type: 'string' } },
});
const runs = wholeNumberOption('--runs', values.runs, 1);
const chosen = AT_LIMITS.filter(({ id }) => values.claim === undefined || id === values.claim);
if (chosen.length === 0) {
  console.error(
    `${values.claim} is no measured claim; take one of ${[...new Set(AT_LIMITS.map(({ id }) => id))].join(', ')}`,
  );
  process.exit(2);
}

let isOften = false;
const percent = (count: number): string => `${((count / runs) * 100).toFixed(1)} %`;
const rows = chosen.map((trial) => {
  const { holds, 'holds-when': when, fails, undecided } = tallyOf(trial, runs, AT_LIMITS.indexOf(trial) + 1);
  const often = Math.max(holds + when, fails) / runs > MOST;
  isOften ||= often;
  return [trial.id, trial.limit, ...[holds, when, fails, undecided].map(percent), often ? 'TOO OFTEN' : ''];
});
const head = ['claim', 'the truth', 'holds', 'holds-when', 'fails', 'undecided', ''];
process.stdout.write(
  `${runs} runs each; launches scatter by ${SCATTER.launch * 100} %, batches by ${SCATTER.batch * 100} %\n`,
);
process.stdout.write(table(head, rows, process.stdout));
process.exitCode = isOften ? 1 : 0;

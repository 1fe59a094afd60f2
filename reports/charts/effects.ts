import type { Claim, Effect, Factors, Run } from '../../harness/results/run-schema.js';
import { write, writeList } from '../figures.js';
import type { PollerId } from '../theme/pollers.js';
import { absence } from './cells.js';
import type { Line, Point } from './chart.js';

/** The figures that verdicts rest on: what is drawn or quoted from here has the verdict's own interval. */

const claimOf = (run: Run, id: string): Claim | undefined => run.claims.find((claim) => claim.id === id);

/** The effects of a claim that were measured under all of these. */
export const effectsOf = (run: Run, claim: string, factors: Factors = {}): readonly Effect[] =>
  (claimOf(run, claim)?.effects ?? []).filter((effect) =>
    Object.entries(factors).every(([name, value]) => effect.factors[name] === value),
  );

export const pointOf = (
  { value, low, high, unit, ratioKind }: Effect,
  poller: PollerId,
  series: Line,
  x: number,
): Point => ({ poller, series, x, value, low, high, unit, ratioKind, flags: [] });

/** "select 2.00× [1.98, 2.02], epoll 1.00× [0.99, 1.01]" of those among the named effects that the claim has. */
export const quote = (
  run: Run,
  claim: string,
  named: readonly (readonly [words: string, effect: string])[],
): string =>
  writeList(
    named.flatMap(([words, name]) => {
      const effect = effectsOf(run, claim).find((each) => each.name === name);
      if (!effect) return [];
      const { value, interval } = write(effect);
      return [`${words} ${value}${interval && ` ${interval}`}`];
    }),
  );

/** Why a claim has no figures to draw, in words that end a sentence. */
export const claimAbsence = (run: Run, id: string, experiment: string): string => {
  if (!run.cells.some((cell) => cell.experiment === experiment && cell.status === 'measured'))
    return absence(run, experiment, 'cell');
  const claim = claimOf(run, id);
  if (!claim) return `claim ${id}, whose figures it shows, was not judged in this run`;
  return claim.verdict === 'undecided'
    ? `claim ${id}, whose figures it shows, is undecided: ${claim.missing}`
    : `claim ${id} has no such figures`;
};

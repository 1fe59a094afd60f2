import type { Effect } from '../../harness/results/run-schema.js';
import { inWords, writeCount } from '../figures.js';

/** So many effects in a row are told in words; of more, the first ones and how many there are. */
const TOLD = 3;

/** The text of a claim with the names of its effects in words, and long rows of them cut short. */
export const tellEffects = (text: string, effects: readonly Effect[]): string => {
  if (effects.length === 0) return text;
  // Longest first: a name may begin another one.
  const names = effects.map(({ name }) => name).sort((a, b) => b.length - a.length);
  const one = `(?:${names.map((name) => name.replace(/[^\w]/g, '\\$&')).join('|')})(?![\\w-])`;
  const row = new RegExp(`(?<![\\w-])${one}(?:(?:, | and )${one})*`, 'g');
  return text.replace(row, (found) => {
    const told = found.split(/, | and /);
    const some = told.slice(0, TOLD).map(inWords).join('; ');
    return told.length <= TOLD ? some : `${some}; and ${writeCount(told.length - TOLD, 'more figure')}`;
  });
};

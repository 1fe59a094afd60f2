import type { Effect } from '../../harness/results/run-schema.js';
import { effectInWords } from '../charts/effect-words.js';
import { inWords, writeCount } from '../figures.js';

/** So many effects in a row are told in words; of more, the first ones and how many there are. */
const TOLD = 3;
const ENDS = [',', ';', '.', ':'];

/** The text of a claim with the names of its effects in words, and long rows of them cut short. */
export const tellEffects = (text: string, effects: readonly Effect[]): string => {
  const byName = new Map(effects.map((effect) => [effect.name, effect]));
  const out: string[] = [];
  let row: Effect[] = [];
  const endRow = (end: string) => {
    if (row.length > 0) out.push(rowInWords(row) + end);
    row = [];
  };
  const words = text.split(' ');
  for (const [index, word] of words.entries()) {
    const end = ENDS.includes(word.at(-1) ?? '') ? (word.at(-1) as string) : '';
    const effect = byName.get(end ? word.slice(0, -1) : word);
    const isName = (at: number) => byName.has((words[at] ?? '').split(',')[0] as string);
    if (effect) {
      row.push(effect);
      const goesOn =
        (end === ',' && isName(index + 1)) || (end === '' && words[index + 1] === 'and' && isName(index + 2));
      if (!goesOn) endRow(end);
    } else if (word !== 'and' || row.length === 0) out.push(word);
  }
  return out.join(' ');
};

/** Factors as they stand in what a rule says that it lacks ("idle = 0, 1 and 3"), in the words of the pages. */
const FACTORS: Readonly<Record<string, string>> = {
  watched: 'watched fds',
  ready: 'ready fds',
  active: 'active connections',
  idle: 'idle connections',
  highestFd: 'highest fd',
  fileTable: 'file table',
  churnPer100: 'registrations replaced per 100 turns',
  wakesPerSecond: 'wake-ups per second',
  ratePerSecond: 'requests per second',
  position: 'place of the ready one',
  overPoller: 'against',
  source: 'bytes',
};

/** A sentence without the signs and names of a program: "workload-grid with watched = 10" speaks of the workload grid. */
export const withoutIdentifiers = (text: string, experiments: readonly string[]): string =>
  text
    .replace(/\b([a-z][A-Za-z0-9]*) = /g, (_, name: string) => `${FACTORS[name] ?? inWords(name)}: `)
    .replace(/(?<![-\w])[a-z]+(?:-[a-z]+)+(?![-\w])/g, (word) =>
      experiments.includes(word) ? inWords(word) : word,
    )
    .replace(/, (?=[a-z][a-z ]*: )/g, '; ');

const rowInWords = (row: readonly Effect[]): string => {
  const some = row.slice(0, TOLD).map(effectInWords).join('; ');
  return row.length <= TOLD ? some : `${some}; and ${writeCount(row.length - TOLD, 'more figure')}`;
};

import type { Effect, Factors } from '../../harness/results/run-schema.js';
import { conditionInWords } from '../charts/wording.js';
import { inWords, writeCount, writeNumber } from '../figures.js';

/** An effect for people: two pollers by what they were compared under, anything else by its name. */
export const effectInWords = ({ name, unit, factors }: Pick<Effect, 'name' | 'unit' | 'factors'>): string => {
  const { poller, overPoller, series } = factors;
  if (poller === undefined || overPoller === undefined) return inWords(name);
  const compared = `${poller} ${unit === 'ratio' ? 'over' : 'less'} ${overPoller}`;
  const conditions = conditionsInWords(factors);
  const net = series === 'c-twin' ? ' net of the binding' : '';
  return compared + net + (conditions === '' ? '' : `: ${conditions}`);
};

const words: Readonly<Record<string, (value: string | number, factors: Factors) => string>> = {
  watched: (count) => `${writeNumber(Number(count))} watched`,
  churnPer100: (count, { instance }) => {
    if (instance === 'fresh') return '';
    return count === 0 ? 'the set stays' : `${writeNumber(Number(count))} replaced per 100 turns`;
  },
  instance: (instance) => (instance === 'fresh' ? 'a fresh instance each turn' : ''),
  timeout: (_, factors) => conditionInWords(factors).toLowerCase(),
  idle: (count) => writeCount(Number(count), 'idle connection'),
  active: (count) => (count === 0 ? '' : `${writeNumber(Number(count))} active`),
  load: (load, { ratePerSecond }) =>
    load === 'closed' ? 'closed loop' : `${writeNumber(Number(ratePerSecond))} beats a second`,
  phase: (phase) => (phase === 'none' ? '' : String(phase)),
  app: (app) => `app ${app}`,
  fileTable: (table) => (table === 'shared' ? 'shared file table' : ''),
};

const conditionsInWords = (factors: Factors): string =>
  Object.entries(words)
    .flatMap(([name, write]) => {
      const value = factors[name];
      return value === undefined ? [] : write(value, factors) || [];
    })
    .join(', ');

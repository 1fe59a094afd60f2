import type { Factors, Series } from './run-schema.js';

/** The name of a cell: experiment/poller/series/factors, the factors in the order of the experiment's table. */
export const cellId = (experiment: string, poller: string, series: Series, factors: Factors): string =>
  `${experiment}/${poller}/${series}/${Object.entries(factors)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')}`;

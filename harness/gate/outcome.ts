import type { Gate, MetricResult } from './gate-schema.js';

/** What the metrics say of the whole: only those of level `error` count. */
export function outcomeOf(metrics: readonly MetricResult[]): Gate['outcome'] {
  const gated = metrics.filter(({ level }) => level === 'error');
  if (gated.length === 0) return 'nothing-measured';
  if (gated.some(({ verdict }) => verdict === 'regression')) return 'regression';
  return gated.some(({ verdict }) => verdict === 'inconclusive') ? 'inconclusive' : 'passed';
}

/** As `pollcost gate --help` has them. */
export function exitCodeOf(outcome: Gate['outcome'], strict: boolean): number {
  switch (outcome) {
    case 'passed':
      return 0;
    case 'regression':
      return 3;
    case 'inconclusive':
      return strict ? 4 : 0;
    case 'nothing-measured':
      return 5;
  }
}

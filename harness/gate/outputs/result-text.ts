import type { Gate, MetricResult } from '../gate-schema.js';

/** Sentences that all outputs share. */

const digits = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();

/** 1.153 as "+15.3 %". */
export const percent = (ratio: number): string => {
  const by = (ratio - 1) * 100;
  return `${by >= 0 ? '+' : ''}${Math.abs(by) >= 1000 ? by.toPrecision(3) : by.toFixed(1)} %`;
};

export const valueText = (value: number, { unit }: MetricResult): string =>
  unit === 'ratio' || unit === 'count' ? digits(value) : `${digits(value)} ${unit}`;

/** What changed, with its interval where it has one. */
export function changeText(metric: MetricResult): string {
  const { change, reference, current } = metric;
  if (change) return `${percent(change.value)} [${percent(change.low)}, ${percent(change.high)}]`;
  return reference === current
    ? 'the same'
    : `${valueText(reference, metric)} -> ${valueText(current, metric)}`;
}

/** Everything that a reader needs of one metric, in one line. */
export function metricLine(metric: MetricResult): string {
  const { id, verdict, reference, current, margin, note } = metric;
  const limit = metric.class === 'exact' ? 'no more than before' : `margin ${percent(1 + margin)}`;
  const why = note === undefined ? '' : `; ${note}`;
  return `${id}: ${verdict}, ${changeText(metric)} (${valueText(reference, metric)} -> ${valueText(current, metric)}, ${limit})${why}`;
}

export const OUTCOMES: Record<Gate['outcome'], string> = {
  passed: 'passed: no gated metric is worse',
  regression: 'failed: a gated metric is worse',
  inconclusive: 'inconclusive: no gated metric is surely worse, and not all are surely fine',
  'nothing-measured': 'failed: no gated metric was measured',
};

/** An exact metric that is the same, of which a list says only how many there are. */
export const isPlain = ({ verdict, class: kind }: MetricResult): boolean =>
  kind === 'exact' && verdict === 'ok';

/** How many are fine of those that may fail the gate, and of those that only warn. */
export function countsText({ metrics }: Gate): string {
  const count = (level: MetricResult['level'], what: string) => {
    const asked = metrics.filter((metric) => metric.level === level);
    const plain = asked.filter(isPlain).length;
    const ok = asked.filter(({ verdict }) => verdict === 'ok').length;
    return `${ok} of ${asked.length} ${what} are ok${plain > 0 ? `, ${plain} of them exact` : ''}`;
  };
  const gated = count('error', 'gated metrics');
  return metrics.some(({ level }) => level === 'warn')
    ? `${gated}; ${count('warn', 'metrics that only warn')}`
    : gated;
}

export const sideText = ({ label, commit, dirty }: Gate['current']): string =>
  `${label}${commit === null || label.includes(commit.slice(0, 7)) ? '' : ` (${commit.slice(0, 12)})`}${dirty ? ', with changes that are not committed' : ''}`;

/** Worst first, gated before others. */
export function bySeverity(metrics: readonly MetricResult[]): MetricResult[] {
  const order = ['regression', 'inconclusive', 'improvement', 'ok'];
  const levels = ['error', 'warn', 'off'];
  const rank = ({ level, verdict }: MetricResult) =>
    levels.indexOf(level) * order.length + order.indexOf(verdict);
  return metrics.toSorted((a, b) => rank(a) - rank(b));
}

export const failed = ({ metrics }: Gate): MetricResult[] =>
  metrics.filter(({ level, verdict }) => level === 'error' && verdict === 'regression');

export const warned = ({ metrics }: Gate): MetricResult[] =>
  metrics.filter(({ level, verdict }) => level === 'warn' && verdict === 'regression');

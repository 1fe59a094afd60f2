import type { Gate, MetricResult } from '../gate-schema.js';
import {
  bySeverity,
  changeText,
  countsText,
  isPlain,
  metricLine,
  OUTCOMES,
  sideText,
  valueText,
} from './result-text.js';

/** What GitHub takes as a job's summary, less some room for what else is in it. */
const MOST_BYTES = 1_000_000;
const SIGNS = { ok: '✅', improvement: '🟢', regression: '❌', inconclusive: '❔' } as const;

/** A gate as a summary for people: outcome, metrics that may fail it or warn, and what else was measured folded away. */
export function markdownOf(gate: Gate): string {
  const asked = gate.metrics.filter(({ level }) => level !== 'off');
  const others = gate.metrics.filter(({ level }) => level === 'off');
  const head = [
    `## Performance gate: ${OUTCOMES[gate.outcome]}`,
    '',
    `${sideText(gate.current)} against ${sideText(gate.reference)}; ${gate.pairs} pairs of launches in ${Math.round(gate.seconds)} s, seed ${gate.seed}.`,
    '',
    ...gate.notes.map((note) => `> ${note}`),
    gate.notes.length > 0 ? '' : null,
    ...table(bySeverity(asked)),
    '',
    `${countsText(gate)}.`,
    '',
    `The same again: \`${gate.command}\``,
    '',
    `<sub>${escaped(gate.rule)}.</sub>`,
    '',
  ].filter((line) => line !== null);
  const foot = [
    '<details><summary>Other metrics, which do not decide</summary>',
    '',
    ...table(bySeverity(others)),
    '',
    '</details>',
    '',
  ];
  const text = (others.length > 0 ? [...head, ...foot] : head).join('\n');
  return Buffer.byteLength(text) <= MOST_BYTES ? text : `${cut(head.join('\n'))}\n`;
}

/** At a line's end, so that no table is broken. */
function cut(text: string): string {
  if (Buffer.byteLength(text) <= MOST_BYTES) return `${text}\nThe other metrics are in gate.json.`;
  const kept = Buffer.from(text).subarray(0, MOST_BYTES).toString();
  return `${kept.slice(0, kept.lastIndexOf('\n'))}\n\nThe rest is in gate.json.`;
}

function table(metrics: readonly MetricResult[]): string[] {
  if (metrics.length === 0) return ['No metric.'];
  return [
    '| | metric | change | before | now | margin | pairs |',
    '|---|---|---|---|---|---|---|',
    ...metrics.map((metric) => {
      const { id, verdict, level, reference, current, margin, pairs, speed } = metric;
      const cells = [
        `${SIGNS[verdict]} ${verdict}${level === 'warn' ? ' (warns)' : ''}`,
        `\`${id}\`${metric.note === undefined ? '' : `<br>${escaped(metric.note)}`}`,
        changeText(metric),
        valueText(reference, metric),
        valueText(current, metric),
        metric.class === 'exact' ? 'none' : `${Math.round(margin * 1000) / 10} %`,
        `${pairs}${speed === 'full' ? '' : metric.class === 'exact' ? '' : ' (any speed)'}`,
      ];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    }),
  ];
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The same for a terminal: metrics that may fail it or warn and are not simply fine, one line each. */
export function textOf(gate: Gate): string {
  const asked = bySeverity(gate.metrics.filter(({ level }) => level !== 'off'));
  const shown = asked.filter((metric) => !isPlain(metric));
  const lines = [
    `gate ${OUTCOMES[gate.outcome]}`,
    ...shown.map((metric) => `  ${metricLine(metric)}`),
    `  ${countsText(gate)}`,
    `again: ${gate.command}`,
  ];
  return `${lines.join('\n')}\n`;
}

import type { Gate } from '../gate-schema.js';
import { bySeverity, failed, metricLine, warned } from './result-text.js';

/** GitHub shows no more than this many of a step. */
const MOST = 10;

/** Workflow commands that put each failed metric where a reviewer sees it, with the command that shows it locally. */
export function annotationsOf(gate: Gate): string[] {
  const lines = [
    ...bySeverity(failed(gate)).map((metric) => ({ kind: 'error', metric })),
    ...bySeverity(warned(gate)).map((metric) => ({ kind: 'warning', metric })),
  ];
  return lines.slice(0, MOST).map(({ kind, metric }) => {
    const message = `${metricLine(metric)}\nagain: ${gate.command}`;
    return `::${kind} title=${property(`performance: ${metric.id}`)}::${data(message)}`;
  });
}

const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

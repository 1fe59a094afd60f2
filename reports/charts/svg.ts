import type { TopLevelSpec } from 'vega-lite';
import { leanSvg } from './lean-svg.js';

/** A spec that does not become a sound picture: the report fails instead of showing it. */
export class ChartError extends Error {
  override readonly name = 'ChartError';
}

interface Log {
  level(): number;
  level(value: number): Log;
  error(...args: readonly unknown[]): Log;
  warn(...args: readonly unknown[]): Log;
  info(...args: readonly unknown[]): Log;
  debug(...args: readonly unknown[]): Log;
}

/** A logger to which a warning is as bad as an error: both are kept, to be thrown. */
const strictLog = (complaints: string[]): Log => {
  const keep = (...args: readonly unknown[]): Log => {
    complaints.push(args.map(String).join(' '));
    return log;
  };
  const drop = (): Log => log;
  function level(): number;
  function level(value: number): Log;
  function level(value?: number): number | Log {
    return value === undefined ? 0 : log;
  }
  const log: Log = { level, error: keep, warn: keep, info: drop, debug: drop };
  return log;
};

const escapeAttribute = (text: string): string =>
  text.replace(/[&<>"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] ?? '&quot;');

/** The picture without the texts that it was given to show: whatever they say, they are no sign of a bad figure. */
const withoutTextsOf = (spec: TopLevelSpec, svg: string): string => {
  const given = new Set<string>();
  JSON.stringify(spec, (_key, value: unknown) => {
    if (typeof value === 'string') given.add(escapeText(value.trim()));
    return value;
  });
  return svg
    .replace(/ aria-label="[^"]*"/g, '')
    .replace(/(?<=>)[^<>]+(?=<)/g, (text) => (given.has(text) ? '' : text));
};

const escapeText = (text: string): string =>
  text.replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;' })[char] ?? '&gt;');

/**
 * Compiles a Vega-Lite spec and draws it as one static `<svg>` element for an HTML page, labelled with its
 * description.
 * Throws a ChartError that names the chart when Vega-Lite or Vega warn, or when a figure had no place to be.
 */
export const renderSvg = async (name: string, spec: TopLevelSpec): Promise<string> => {
  // Here and not above: together they take 300 ms to load, and most commands draw nothing.
  const [{ compile }, { parse, View }, { expressionInterpreter }] = await Promise.all([
    import('vega-lite'),
    import('vega'),
    import('vega-interpreter'),
  ]);
  const complaints: string[] = [];
  const logger = strictLog(complaints);
  // Interpreted, because Node may have been told to make no code of strings.
  const runtime = parse(compile(spec, { logger }).spec, {}, { ast: true });
  const view = new View(runtime, { renderer: 'none', logger, expr: expressionInterpreter });
  const svg = await view.toSVG().finally(() => view.finalize());
  if (complaints.length > 0) throw new ChartError(`chart ${name}: ${complaints.join('; ')}`);
  const made = withoutTextsOf(spec, svg);
  const bad = made.match(/NaN|undefined|Infinity/);
  if (bad) throw new ChartError(`chart ${name}: the SVG contains '${bad[0]}'`);
  if (made.includes('…')) throw new ChartError(`chart ${name}: a label is cut off`);
  const label = escapeAttribute(spec.description ?? name);
  return leanSvg(svg).replace(
    /^<svg[^>]*?(viewBox="[^"]*")[^>]*>/,
    `<svg $1 role="img" aria-label="${label}">`,
  );
};

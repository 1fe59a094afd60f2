import type { Claim } from '../../harness/results/run-schema.js';
import type { Panel, Point } from '../charts/chart.js';
import type { Drawn, DrawnChart } from '../charts/draw.js';
import { claimsOfChart } from '../charts/of-claims.js';
import { write, writeCount, writeNumber, writeValue } from '../figures.js';
import { colourOf, inOrder, type PollerId, shapeOf } from '../theme/pollers.js';
import { Told } from './glossary.js';
import { Scroll } from './scroll.js';
import { VerdictBadge, verdictWords } from './verdict-badge.js';

type DrawnPanel = DrawnChart['panels'][number];

const seriesNames: Readonly<Record<string, string>> = {
  'c-twin': 'in C',
  completion: 'by completion',
  finite: 'finite timeout',
  shared: 'shared table',
};

const pollersIn = (panels: readonly Panel[]): PollerId[] =>
  inOrder(panels.flatMap(({ points }) => points.map(({ poller }) => poller)));

const seriesIn = (points: readonly Point[]) => [...new Set(points.map(({ series }) => series))];

/** A panel of rows names its series in the rows. */
const hasRows = ({ points }: Panel): boolean => points.some(({ label }) => label !== undefined);

const Legend = ({ chart: { panels, names, beside, inks = [], shades = [] } }: { chart: DrawnChart }) => (
  <ul class="legend">
    {inks.map((poller) => (
      <li>
        <svg class="sign" viewBox="0 0 2 2" aria-hidden="true">
          <path d="M0,0H2V2H0Z" fill={colourOf(poller)} opacity="0.55" />
        </svg>
        {poller} is the cheapest
      </li>
    ))}
    {pollersIn(panels)
      .filter((poller) => poller !== '')
      .map((poller) => (
        <li data-ink={colourOf(poller)}>
          <svg class="sign" viewBox="-1.4 -1.4 2.8 2.8" aria-hidden="true">
            <path d={shapeOf(poller)} fill={colourOf(poller)} />
          </svg>
          {names?.[poller] ?? poller}
        </li>
      ))}
    {shades.map(({ label, opacity, isDashed }) => (
      <li>
        <svg class="sign shade" viewBox="0 0 12 12" aria-hidden="true">
          <path d="M1,1H11V11H1Z" fill-opacity={opacity} stroke-dasharray={isDashed && '3 2'} />
        </svg>
        {label}
      </li>
    ))}
    {shades.length === 0 && panels.some(({ points }) => seriesIn(points).length > 1) && (
      <li>
        {panels.every(hasRows) || (
          <svg class="dash" viewBox="0 0 30 6" aria-hidden="true">
            <path d="M0,3H30" stroke-dasharray="5 3" />
          </svg>
        )}
        {panels.every(hasRows) ? 'hollow' : 'hollow and dashed'}: {beside ?? 'in C'}
      </li>
    )}
  </ul>
);

const Omitted = ({ panels }: { panels: readonly Panel[] }) => {
  const omitted = panels.reduce((sum, panel) => sum + panel.omitted, 0);
  return omitted === 0 ? null : (
    <p class="conditions">
      {writeCount(omitted, 'figure')} at or below zero {omitted === 1 ? 'has' : 'have'} no place on a
      logarithmic axis; the table below lists {omitted === 1 ? 'it' : 'them'}.
    </p>
  );
};

const flagsOf = ({ flags }: Point): string => flags.join(', ');

/** The flags that most flagged figures of a chart have: they are told once. */
const usualFlags = (panels: readonly Panel[]): string => {
  const counts = new Map<string, number>();
  for (const point of panels.flatMap(({ points }) => points))
    if (point.flags.length > 0) counts.set(flagsOf(point), (counts.get(flagsOf(point)) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';
};

const Value = ({ point, usual }: { point: Point; usual: string }) => {
  const { value, interval } = write(point);
  const flags = flagsOf(point);
  return (
    <>
      {value}
      {flags === '' || flags === usual ? flags && '†' : <sup title={`flagged: ${flags}`}>†</sup>}
      {interval && (
        <>
          {' '}
          <i>{interval}</i>
        </>
      )}
    </>
  );
};

/** Several figures where cells that differ in more than the row cost the same. */
const Cell = ({ points, usual }: { points: readonly Point[]; usual: string }) =>
  points.length === 0 ? (
    <td>—</td>
  ) : (
    <td>
      {points.map((point, index) => (
        <>
          {index > 0 && <br />}
          <Value point={point} usual={usual} />
        </>
      ))}
    </td>
  );

/** A count, or what the axis says of it. */
const writeX = ({ xLabels }: Panel, x: number): string => {
  if (xLabels === 'share') return writeValue(x, 'ratio', 'share');
  if (xLabels === 'time') return writeValue(x, 'ns');
  return writeNumber(x);
};

const columnsOf = (panel: Panel) =>
  pollersIn([panel]).flatMap((poller) =>
    hasRows(panel)
      ? [{ poller }]
      : seriesIn(panel.points.filter((point) => point.poller === poller)).map((series) => ({
          poller,
          series,
        })),
  );

interface PanelTable {
  readonly panel: DrawnPanel;
  readonly names: DrawnChart['names'];
  readonly usual: string;
}

// A first row and a first column of headers need not say of what they are.
const PanelTable = ({ panel, names, usual }: PanelTable) => {
  const { points, metric } = panel;
  if (points.length === 0) return null;
  const columns: { poller: PollerId; series?: string }[] = columnsOf(panel);
  const rows = [...new Map(points.map(({ x, label }) => [x, label])).entries()].sort(([a], [b]) => a - b);
  return (
    <Scroll label={`Figures: ${panel.title}`}>
      <table class="numbers">
        <caption>
          {panel.title} <code>{metric}</code>
        </caption>
        <thead>
          <tr>
            <th class={hasRows(panel) ? 'label' : undefined}>{panel.xTitle}</th>
            {columns.map(({ poller, series }) => (
              <th>
                {names?.[poller] ?? (poller || 'value')}
                {series !== undefined && series !== 'pollcost' && `, ${seriesNames[series] ?? series}`}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([x, label]) => (
            <tr>
              <th class={label === undefined ? undefined : 'label'}>{label ?? writeX(panel, x)}</th>
              {columns.map(({ poller, series }) => (
                <Cell
                  usual={usual}
                  points={points.filter(
                    (each) =>
                      each.x === x &&
                      each.poller === poller &&
                      (series === undefined || each.series === series),
                  )}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
};

/** The figures of a chart; where they stand elsewhere on its page, a way there. */
const Tables = ({ chart, tables }: { chart: DrawnChart; tables: string | undefined }) => {
  if (tables !== undefined)
    return (
      <p class="figures">
        <a href={tables}>The figures in this chart</a>
      </p>
    );
  const usual = usualFlags(chart.panels);
  return (
    <details class="figures">
      <summary>The figures in this chart</summary>
      <p class="aside">
        Medians with their 95 % intervals.
        {usual &&
          ` † marks figures with flagged rounds among theirs (${usual}, where it says nothing else when pointed at).`}
      </p>
      <div class="tables">
        {chart.panels.map((panel) => (
          <PanelTable panel={panel} names={chart.names} usual={usual} />
        ))}
      </div>
    </details>
  );
};

interface ChartFigure {
  readonly chart: Drawn;
  /** All claims of the run. */
  readonly claims: readonly Claim[];
  readonly claimHref: (claim: string) => string;
  /** Without the verdicts that it belongs to: where they stand beside it. */
  readonly plain?: true;
  /** The part of its page that has its figures in tables, where that is not the chart itself: '#data'. */
  readonly tables?: string;
  /** Of its title; those of its panels are one below. */
  readonly level?: 2 | 3;
}

/** The verdicts that a chart belongs to. */
const VerdictsOfChart = ({ chart, claims, claimHref }: ChartFigure) => {
  const names = claimsOfChart(chart.name);
  const theirs = claims.filter(({ id }) => names.includes(id));
  return theirs.length === 0 ? null : (
    <ul class="index" aria-label="Verdicts that this chart belongs to">
      {theirs.map(({ id, verdict }) => (
        <li>
          <a href={claimHref(id)} aria-label={`${id}: ${verdictWords(verdict)}`}>
            <VerdictBadge verdict={verdict}>{id}</VerdictBadge>
          </a>
        </li>
      ))}
    </ul>
  );
};

/**
 * A chart with its legend, its caption, the conditions that it holds under, and a table of the same figures.
 */
export const ChartFigure = ({ chart, claims, claimHref, plain, tables, level = 2 }: ChartFigure) => {
  const Title = level === 2 ? 'h2' : 'h3';
  const PanelTitle = level === 2 ? 'h3' : 'h4';
  if (chart.status === 'absent') {
    return (
      <figure class="chart absent" id={`chart-${chart.name}`}>
        <Title class="chart-title">{chart.title}</Title>
        <p class="empty">Not drawn: {chart.reason}.</p>
      </figure>
    );
  }
  return (
    <figure class="chart" id={`chart-${chart.name}`} aria-label={chart.description} data-tables={tables}>
      <div class={chart.panels.length % 3 === 0 ? 'panels apart' : 'panels'}>
        <figcaption>
          <Title class="chart-title">{chart.title}</Title>
          <p>
            <Told>{chart.caption}</Told>
          </p>
          {plain || <VerdictsOfChart chart={chart} claims={claims} claimHref={claimHref} />}
          <Legend chart={chart} />
          <p class="conditions">{chart.conditions}</p>
          <Omitted panels={chart.panels} />
        </figcaption>
        {chart.panels.map((panel) => (
          <div class="panel">
            <PanelTitle class="panel-title">{panel.title}</PanelTitle>
            <div class="plot" dangerouslySetInnerHTML={{ __html: panel.svg }} />
          </div>
        ))}
      </div>
      <Tables chart={chart} tables={tables} />
    </figure>
  );
};

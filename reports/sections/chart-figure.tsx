import type { Panel, Point } from '../charts/chart.js';
import type { Drawn, DrawnChart } from '../charts/draw.js';
import { write, writeCount, writeNumber } from '../figures.js';
import { colourOf, inOrder, looks, type PollerId } from '../theme/pollers.js';
import { Scroll } from './scroll.js';

type DrawnPanel = DrawnChart['panels'][number];

const seriesNames: Readonly<Record<string, string>> = { 'c-twin': 'in C' };

const pollersIn = (panels: readonly Panel[]): PollerId[] =>
  inOrder(panels.flatMap(({ points }) => points.map(({ poller }) => poller)));

const seriesIn = (points: readonly Point[]) => [...new Set(points.map(({ series }) => series))];

const Legend = ({ panels }: { panels: readonly Panel[] }) => (
  <ul class="legend">
    {pollersIn(panels).map((poller) => (
      <li>
        <svg class="sign" viewBox="-1.4 -1.4 2.8 2.8" aria-hidden="true">
          <path d={looks[poller].shape} fill={colourOf(poller)} />
        </svg>
        {poller}
      </li>
    ))}
    {panels.some(({ points }) => seriesIn(points).length > 1) && (
      <li>
        <svg class="dash" viewBox="0 0 30 6" aria-hidden="true">
          <path d="M0,3H30" stroke-dasharray="5 3" />
        </svg>
        hollow and dashed: in C
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

const Cell = ({ point, metric }: { point: Point | undefined; metric: string }) => {
  if (!point) return <td class="number nothing">—</td>;
  const { value, interval } = write(point, metric);
  return (
    <td class="number">
      <data value={String(point.value)}>{value}</data>
      {point.flags.length > 0 && <sup title={`flagged: ${point.flags.join(', ')}`}>†</sup>}
      {interval && (
        <>
          {' '}
          <span class="interval">{interval}</span>
        </>
      )}
    </td>
  );
};

const PanelTable = ({ panel }: { panel: DrawnPanel }) => {
  const { points, metric } = panel;
  const columns = pollersIn([panel]).flatMap((poller) =>
    seriesIn(points.filter((point) => point.poller === poller)).map((series) => ({ poller, series })),
  );
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  return (
    <Scroll label={`Figures: ${panel.title}`}>
      <table>
        <caption>
          {panel.title} <code>{metric}</code>
        </caption>
        <thead>
          <tr>
            <th scope="col" class="number">
              {panel.xTitle}
            </th>
            {columns.map(({ poller, series }) => (
              <th scope="col" class="number">
                {poller}
                {series !== 'pollcost' && ` ${seriesNames[series] ?? series}`}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {xs.map((x) => (
            <tr>
              <th scope="row" class="number">
                {writeNumber(x)}
              </th>
              {columns.map(({ poller, series }) => (
                <Cell
                  metric={metric}
                  point={points.find(
                    (each) => each.x === x && each.poller === poller && each.series === series,
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

const Tables = ({ chart }: { chart: DrawnChart }) => {
  const flagged = chart.panels.some(({ points }) => points.some(({ flags }) => flags.length > 0));
  return (
    <details class="figures">
      <summary>The figures in this chart</summary>
      <p class="aside">
        Medians with their 95 % intervals.{flagged && ' † marks figures with flagged rounds among theirs.'}
      </p>
      <div class="tables">
        {chart.panels.map((panel) => (
          <PanelTable panel={panel} />
        ))}
      </div>
    </details>
  );
};

/**
 * A chart with its legend, its caption, the conditions that it holds under, and a table of the same figures.
 */
export const ChartFigure = ({ chart }: { chart: Drawn }) => {
  if (chart.status === 'absent') {
    return (
      <figure class="chart absent" id={`chart-${chart.name}`}>
        <h3>{chart.title}</h3>
        <p class="empty">Not drawn: {chart.reason}.</p>
      </figure>
    );
  }
  return (
    <figure class="chart" id={`chart-${chart.name}`} aria-label={chart.description}>
      <div class={chart.panels.length % 3 === 0 ? 'panels apart' : 'panels'}>
        <figcaption>
          <h3>{chart.title}</h3>
          <p>{chart.caption}</p>
          <Legend panels={chart.panels} />
          <p class="conditions">{chart.conditions}</p>
          <Omitted panels={chart.panels} />
        </figcaption>
        {chart.panels.map((panel) => (
          <div class="panel">
            <h4>{panel.title}</h4>
            <div class="plot" dangerouslySetInnerHTML={{ __html: panel.svg }} />
          </div>
        ))}
      </div>
      <Tables chart={chart} />
    </figure>
  );
};

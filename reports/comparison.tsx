import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Difference, TwoRuns } from '../harness/gate/two-runs.js';
import { METRIC_RATIOS } from '../harness/results/metrics.js';
import { writeWhole } from '../harness/results/write-whole.js';
import { logAxis } from './charts/axis.js';
import { extentOf } from './charts/cells.js';
import type { Point } from './charts/chart.js';
import { type Drawn, drawSpec } from './charts/draw.js';
import { effectInWords } from './charts/effect-words.js';
import { linePanel } from './charts/line-panel.js';
import { documentOf } from './document.js';
import { write, writeCount, writeFactor, writeList, writeNumber } from './figures.js';
import { agreementOf, Headlines, RunFacts, SharedVerdicts } from './sections/across-runs.js';
import { ChartFigure } from './sections/chart-figure.js';
import { Scroll } from './sections/scroll.js';
import { pageScript, stylesheet } from './theme/stylesheet.js';

const FILE = 'compare.html';
/** More differences than these are for `pollcost compare`. */
const MOST_LISTED = 80;

const sizeOf = ({ ratio }: Difference): number =>
  ratio ? Math.abs(Math.log(ratio.value)) : Number.POSITIVE_INFINITY;

const inWords = ({ figure: { poller, experiment, factors } }: Difference): string => {
  const typed = Object.fromEntries(
    Object.entries(factors).map(([name, value]) => [
      name,
      Number.isNaN(Number(value)) ? value : Number(value),
    ]),
  );
  return `${effectInWords({ name: experiment, unit: 'ns', factors: { poller, ...typed } })} (${experiment})`;
};

const Differences = ({ two, index }: { two: TwoRuns; index: number }) => {
  const beyond = two.differences
    .filter(({ isBeyondNoise }) => isBeyondNoise)
    .sort((a, b) => sizeOf(b) - sizeOf(a));
  return (
    <>
      <p class="lead">
        {writeCount(beyond.length, 'figure')} of {writeNumber(two.differences.length)} differ by more than
        their intervals and the noise floor, which is {writeNumber((two.noiseFactor - 1) * 100, 1)} %.
      </p>
      {beyond.length > 0 && (
        <details>
          <summary>Those that differ, the largest first</summary>
          <Scroll label={`What differs in run ${index + 1}`}>
            <table class="sticky">
              <thead>
                <tr>
                  <th scope="col">Figure</th>
                  <th scope="col">Metric</th>
                  <th scope="col" class="number">
                    First run
                  </th>
                  <th scope="col" class="number">
                    Run {index + 1}
                  </th>
                  <th scope="col" class="number">
                    Ratio
                  </th>
                </tr>
              </thead>
              <tbody>
                {beyond.slice(0, MOST_LISTED).map((each) => {
                  const { a, b, ratio, figure } = each;
                  const told = (interval: Difference['a']) =>
                    write({ ...interval, unit: figure.unit, ratioKind: METRIC_RATIOS[figure.metric] });
                  return (
                    <tr>
                      <th scope="row" class="prose">
                        {inWords(each)}
                      </th>
                      <td class="code">{figure.metric}</td>
                      <td class="number">{told(a).value}</td>
                      <td class="number">{told(b).value}</td>
                      <td class="number">
                        {ratio
                          ? `${writeFactor(ratio.value)} [${writeFactor(ratio.low)}, ${writeFactor(ratio.high)}]`
                          : '—'}
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </Scroll>
        </details>
      )}
    </>
  );
};

const METRICS = [
  ['cpuNsPerTurn', 'CPU time of a turn'],
  ['cpuNsPerCycle', 'CPU time of a whole cycle'],
  ['cpuUsPerRequest', 'CPU time of a request'],
] as const;
const NS_OF: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

const pointsOf = ({ differences }: TwoRuns, metric: string): Point[] =>
  differences.flatMap(({ figure, a, ratio, isBeyondNoise }) =>
    figure.metric !== metric || figure.kind !== 'absolute' || !ratio
      ? []
      : [
          {
            poller: isBeyondNoise ? figure.poller : '',
            series: isBeyondNoise ? ('pollcost' as const) : ('shared' as const),
            x: a.value * (NS_OF[figure.unit] ?? 1),
            ...ratio,
            unit: 'ratio' as const,
            flags: [],
          },
        ],
  );

/** Each pair of figures as a point: where it lies in the first run, and what the other made of it. */
export const pairedChart = (two: TwoRuns) => {
  const title = 'The other run over the first, figure by figure';
  const panels = METRICS.map(([metric, words]) => ({ metric, words, points: pointsOf(two, metric) })).filter(
    ({ points }) => points.length > 0,
  );
  if (panels.length === 0)
    return {
      status: 'absent',
      title,
      reason: 'the two runs measured no time under the same conditions',
    } as const;
  return {
    status: 'drawn',
    title,
    caption:
      'Above the line a figure is larger than in the first run. Only what differs by more than its interval and the noise floor has the colour of its poller.',
    conditions: 'medians at full speed where the runs saw it, with their 95\u00a0% intervals',
    description: `Ratios of the figures of two runs: ${writeList(panels.map(({ words }) => words))}.`,
    beside: 'within the noise',
    panels: panels.map(({ metric, words, points }) =>
      linePanel({
        title: words,
        metric: 'ratio',
        points,
        x: logAxis(
          `${metric === 'cpuUsPerRequest' ? 'a request' : 'a turn'} in the first run`,
          'time',
          points.map(({ x }) => x),
        ),
        y: logAxis('other / first', 'factor', [1, ...extentOf(points)]),
        reference: 1,
        scattered: true,
      }),
    ),
  } as const;
};

/** Beyond so many further runs one sentence is for all of them. */
const MOST_TOLD = 2;

const differing = (differences: readonly Difference[], index: number): string =>
  `Run ${index + 2}: ${writeNumber(differences.filter(({ isBeyondNoise }) => isBeyondNoise).length)} of ${writeCount(differences.length, 'figure')} differ from the first by more than noise.`;

/** The page that holds further runs against a first one. */
export const renderComparison = async (pairs: readonly TwoRuns[]): Promise<string> => {
  const [first] = pairs;
  if (!first) throw new RangeError('a comparison needs two runs');
  const runs = [first.a, ...pairs.map(({ b }) => b)];
  const charts: Drawn[] = await Promise.all(
    pairs.map((two, index) => drawSpec(`run-${index + 2}`, pairedChart(two))),
  );
  const [css, script] = await Promise.all([stylesheet(), pageScript()]);
  return documentOf({
    title: `${writeCount(runs.length, 'run')} compared: select, poll and epoll`,
    about: `What differs between ${writeList(runs.map(({ environment }) => `Linux ${environment.kernel}`))}.`,
    style: { css },
    scripts: [script],
    body: (
      <>
        <header class="page-head">
          <h1>{writeCount(runs.length, 'run')} side by side</h1>
          <p class="answer">
            {agreementOf(runs)}{' '}
            {pairs.length <= MOST_TOLD &&
              pairs.map(({ differences }, index) => differing(differences, index)).join(' ')}
          </p>
        </header>
        <main id="main">
          <SharedVerdicts runs={runs} />
          <Headlines runs={runs} />
          <RunFacts runs={runs} />
          {pairs.map((two, index) => (
            <section id={`against-${index + 2}`}>
              <h2>Run {index + 2} against the first</h2>
              <Differences two={two} index={index + 1} />
              {charts[index] && (
                <ChartFigure chart={charts[index]} claims={[]} claimHref={() => ''} level={3} />
              )}
            </section>
          ))}
        </main>
        <footer>Every figure on this page comes from the folders of these runs.</footer>
      </>
    ),
  });
};

/** Writes the comparison beside the pages of the first run, and returns its path. */
export const writeComparison = async (firstFolder: string, pairs: readonly TwoRuns[]): Promise<string> => {
  const folder = join(firstFolder, 'report');
  const html = await renderComparison(pairs);
  await mkdir(folder, { recursive: true });
  writeWhole(join(folder, FILE), html);
  return join(folder, FILE);
};

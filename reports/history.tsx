import type { Factors, Run } from '../harness/results/run-schema.js';
import { writeWhole } from '../harness/results/write-whole.js';
import { type Course, courseChart, stepsInWords } from './charts/course.js';
import { drawSpec } from './charts/draw.js';
import { effectInWords } from './charts/effect-words.js';
import { documentOf } from './document.js';
import { inWords, writeCount, writeTime } from './figures.js';
import { RunFacts } from './sections/across-runs.js';
import { ChartFigure } from './sections/chart-figure.js';
import { pageScript, stylesheet } from './theme/stylesheet.js';

/** A metric over many runs: of every poller that has it under the same conditions. */
export interface History {
  readonly experiment: string;
  readonly metric: string;
  readonly factors: Readonly<Record<string, string>>;
  readonly courses: readonly Course[];
  /** In the order in which they were made; a course names them by their place. */
  readonly runs: readonly Run[];
}

/** A growth is told by both its ends, "1..1000". */
const typed = (factors: History['factors']): Factors =>
  Object.fromEntries(
    Object.entries(factors).flatMap(([name, value]): [string, string | number][] => {
      const [from, to] = name === 'watched' ? value.split('..') : [];
      if (to !== undefined)
        return [
          ['watched', Number(to)],
          ['overWatched', Number(from)],
        ];
      return [[name, value === '' || Number.isNaN(Number(value)) ? value : Number(value)]];
    }),
  );

const titleOf = ({ metric, factors, experiment }: History): string => {
  const what = METRICS[metric] ?? inWords(metric);
  return `${what}: ${effectInWords({ name: experiment, unit: 'ns', factors: typed(factors) })}`;
};

const METRICS: Readonly<Record<string, string>> = {
  cpuNsPerTurn: 'CPU time of a turn',
  cpuNsPerCycle: 'CPU time of a whole cycle',
  cpuNsPerEvent: 'CPU time of an event',
  cpuUsPerRequest: 'CPU time of a request',
  growth: 'The turn with the most fds over that with the fewest',
  overC: 'JavaScript’s turn over the same turn made by C',
  overPoll: 'A turn over that of poll',
};

/** The page of a metric over many runs: a static chart with its steps, and what the runs were made on. */
export const renderHistory = async (history: History): Promise<string> => {
  const { runs, courses, metric } = history;
  const made = runs.map(({ id, startedAt, environment }) => ({ id, startedAt, commit: environment.commit }));
  const title = titleOf(history);
  const [css, script, chart] = await Promise.all([
    stylesheet(),
    pageScript(),
    drawSpec('history', courseChart({ title, metric, courses }, made)),
  ]);
  const steps = stepsInWords(courses, made);
  const about = steps ? `It changed: ${steps}.` : 'No step in any of them.';
  const [first, last] = [made[0], made.at(-1)];
  return documentOf({
    title: `${writeCount(runs.length, 'run')} over time: ${title}`,
    about: `${title}. ${about}`,
    style: { css },
    scripts: [script],
    body: (
      <>
        <header class="page-head">
          <p class="kicker">
            pollcost · {writeCount(runs.length, 'run')}
            {first && last && ` from ${writeTime(first.startedAt)} to ${writeTime(last.startedAt)}`}
          </p>
          <h1>{writeCount(runs.length, 'run')} over time</h1>
          <p class="answer">{about}</p>
        </header>
        <main id="main" class="wide">
          <ChartFigure chart={chart} claims={[]} claimHref={() => ''} />
          <RunFacts runs={runs} />
        </main>
        <footer>Every figure on this page comes from the folders of these runs.</footer>
      </>
    ),
  });
};

/** Writes the page of a history to a file. */
export const writeHistory = async (file: string, history: History): Promise<void> =>
  writeWhole(file, await renderHistory(history));

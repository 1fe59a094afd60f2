import { join } from 'node:path';
import { type Headline, headlinesOf } from '../harness/results/headlines.js';
import { readRun } from '../harness/results/run-folder.js';
import type { Run } from '../harness/results/run-schema.js';
import { talliesOf } from '../harness/results/tally.js';
import { writeWhole } from '../harness/results/write-whole.js';
import { type Drawn, draw } from './charts/draw.js';
import { documentOf } from './document.js';
import { write, writeCount, writeList, writeNumber, writeTime, writeValue } from './figures.js';
import { agreementOf } from './sections/across-runs.js';
import { ChartFigure } from './sections/chart-figure.js';
import { VerdictBadge, verdictWords } from './sections/verdict-badge.js';
import { pageScript, stylesheet } from './theme/stylesheet.js';
import { writeReport } from './write.js';

const FILE = 'index.html';
const HERO = 'cost-of-watching';
/** As many figures as a card has room for. */
const MOST_HEADLINES = 3;

/** A run and where its own pages are, as seen from the gallery. */
export interface Shown {
  readonly run: Run;
  readonly href: string;
}

/** A run is known by its id; a second copy of it gets a number. */
export const foldersOf = (runs: readonly Pick<Run, 'id'>[]): string[] =>
  runs.map(({ id }, at) => {
    const before = runs.slice(0, at).filter((other) => other.id === id).length;
    return before === 0 ? id : `${id}-${before + 1}`;
  });

const machineOf = ({ environment }: Run): readonly (readonly [what: string, value: string])[] => [
  ['CPU', `${environment.cpuModel ?? 'not readable'}, ${writeCount(environment.cpus, 'CPU')}`],
  ['Memory', writeValue(environment.memoryBytes, 'bytes')],
  ['Open files', environment.fdLimitHard === null ? 'not readable' : writeNumber(environment.fdLimitHard)],
  ['Virtualization', environment.virtualization ?? 'none seen'],
  ['Node.js', environment.node],
];

const Tally = ({ run }: { run: Run }) => (
  <ul class="tally" aria-label="Verdicts">
    {talliesOf(run.claims).map(({ where, counts }) => (
      <li>
        <span class="reason">{where}</span>
        {counts.map(({ verdict, count }) => (
          <VerdictBadge verdict={verdict}>
            {writeNumber(count)} {verdictWords(verdict)}
          </VerdictBadge>
        ))}
      </li>
    ))}
  </ul>
);

/** "poll 1.18 ms, epoll 0.30 us". */
const told = ({ pollers, rows, unit }: Headline, at: number): string =>
  writeList(
    pollers.flatMap((poller) => {
      const figure = rows[at]?.[poller];
      return figure ? [`${poller} ${write({ ...figure, unit }).value}`] : [];
    }),
  );

const Figures = ({ headlines, at }: { headlines: readonly Headline[]; at: number }) => {
  const rows = headlines.map(({ title, ...rest }) => ({ title, words: told({ title, ...rest }, at) }));
  return (
    <dl class="headlines">
      {rows
        .filter(({ words }) => words !== '')
        .slice(0, MOST_HEADLINES)
        .map(({ title, words }) => (
          <div>
            <dt>{title}</dt>
            <dd>{words}</dd>
          </div>
        ))}
    </dl>
  );
};

interface Card {
  readonly shown: Shown;
  readonly at: number;
  readonly headlines: readonly Headline[];
  readonly chart: Drawn;
}

const Card = ({ shown: { run, href }, at, headlines, chart }: Card) => (
  <article class="card" id={`run-${at + 1}`}>
    <h2>
      <a href={href}>Linux {run.environment.kernel}</a>
    </h2>
    <p class="aside">
      {run.environment.arch}, {writeTime(run.startedAt)}, profile {run.profile}
      {run.status !== 'completed' && `, ${run.status}`}
    </p>
    <dl class="machine">
      {machineOf(run).map(([what, value]) => (
        <div>
          <dt>{what}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
    <Tally run={run} />
    <Figures headlines={headlines} at={at} />
    <ChartFigure
      chart={{ ...chart, name: `${chart.name}-${at + 1}` }}
      claims={[]}
      claimHref={() => ''}
      level={3}
      plain
    />
    <p>
      <a href={href}>The whole report of this run</a>
    </p>
  </article>
);

/** The page with a card for each run. */
export const renderGallery = async (shown: readonly Shown[]): Promise<string> => {
  const runs = shown.map(({ run }) => run);
  const headlines = headlinesOf(runs);
  const [css, script, charts] = await Promise.all([
    stylesheet(),
    pageScript(),
    Promise.all(runs.map((run) => draw(HERO, run))),
  ]);
  const heading = 'What do select, poll and epoll cost, machine by machine?';
  const about = `${writeCount(runs.length, 'run')}. ${agreementOf(runs)}`;
  return documentOf({
    title: heading,
    about,
    style: { css },
    scripts: [script],
    body: (
      <>
        <header class="masthead">
          <h1>{heading}</h1>
          <p class="answer">{about}</p>
        </header>
        <main id="main" class="cards">
          {shown.map((each, at) => (
            <Card shown={each} at={at} headlines={headlines} chart={charts[at] as Drawn} />
          ))}
        </main>
        <footer>Every figure on this page comes from the folders of these runs.</footer>
      </>
    ),
  });
};

/** Writes every run's pages into a folder of their own below `folder`, and the page that leads to them; returns its path. */
export const writeGallery = async (folder: string, runFolders: readonly string[]): Promise<string> => {
  const runs = runFolders.map(readRun);
  const below = foldersOf(runs);
  const html = await renderGallery(runs.map((run, at) => ({ run, href: `${below[at]}/${FILE}` })));
  for (const [at, run] of runs.entries())
    await writeReport(runFolders[at] as string, run, join(folder, below[at] as string));
  writeWhole(join(folder, FILE), html);
  return join(folder, FILE);
};

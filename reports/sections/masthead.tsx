import type { Run, Verdict } from '../../harness/results/run-schema.js';
import { type Tally, talliesOf } from '../../harness/results/tally.js';
import { writeCount, writeDuration, writeList, writeNumber, writeTime } from '../figures.js';

const endings: Readonly<Record<Verdict, readonly [one: string, many: string]>> = {
  holds: ['holds', 'hold'],
  'holds-when': ['holds under a condition', 'hold under a condition'],
  fails: ['fails', 'fail'],
  undecided: ['is undecided', 'are undecided'],
};

/** One tally as words: "3 hold, 1 fails and 1 is undecided". */
export const countsInWords = ({ counts }: Tally): string =>
  writeList(
    counts.map(({ verdict, count }) => `${writeNumber(count)} ${endings[verdict][count === 1 ? 0 : 1]}`),
  );

/**
 * The verdicts in words: "5 sentences of the answer judged: 3 hold, 1 fails and 1 is undecided. 1 beyond it: 1 holds."
 */
export const answerOf = (run: Run): string => {
  const told = talliesOf(run.claims).map((tally) => {
    const what = tally.where === 'beyond it' ? tally.where : `${tally.where} judged`;
    const count =
      tally.where === 'beyond it' ? writeNumber(tally.count) : writeCount(tally.count, 'sentence');
    return `${count} ${what}: ${countsInWords(tally)}.`;
  });
  return told.join(' ') || 'No sentence has been judged in this run.';
};

const statusWords: Readonly<Record<Run['status'], string>> = {
  completed: 'completed',
  running: 'still running',
  interrupted: 'interrupted',
  failed: 'failed',
};

const notices: Partial<Record<Run['status'], readonly [heading: string, text: string]>> = {
  running: [
    'This run has not ended.',
    'The page shows what has been measured so far; it is written again at the end.',
  ],
  interrupted: ['This run was interrupted.', 'The page shows what had been measured until then.'],
  failed: [
    'This run failed.',
    'The page shows what could be measured; the experiments below say what went wrong.',
  ],
};

const StatusNotice = ({ run }: { run: Run }) => {
  const notice = notices[run.status];
  if (!notice) return null;
  const done = run.experiments.filter(({ status }) => status === 'completed').length;
  return (
    <div class={`notice ${run.status}`} role="note">
      <strong>{notice[0]}</strong> {writeNumber(done)} of {writeCount(run.experiments.length, 'experiment')}{' '}
      completed. {notice[1]}
    </div>
  );
};

const secondsOf = ({ startedAt, finishedAt }: Run): number | undefined =>
  finishedAt === null ? undefined : (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;

/** What was asked, and the answer in one sentence. */
export const Masthead = ({ run }: { run: Run }) => (
  <header class="masthead">
    <h1>What do select, poll and epoll cost?</h1>
    <p class="answer">
      {answerOf(run)} <a href="#verdicts">All of them</a>
    </p>
    <StatusNotice run={run} />
  </header>
);

/** Which run this is. */
export const RunFacts = ({ run }: { run: Run }) => {
  const seconds = secondsOf(run);
  return (
    <section id="run">
      <h2>This run</h2>
      <dl class="facts">
        <div>
          <dt>Run</dt>
          <dd class="code">{run.id}</dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>
            <time dateTime={run.startedAt}>{writeTime(run.startedAt)}</time>
          </dd>
        </div>
        <div>
          <dt>Status</dt>
          <dd>
            {statusWords[run.status]}
            {seconds !== undefined && `, ${writeDuration(seconds)}`}
          </dd>
        </div>
        <div>
          <dt>Profile</dt>
          <dd>{run.profile}</dd>
        </div>
        <div>
          <dt>Seed</dt>
          <dd class="code">{run.seed}</dd>
        </div>
        <div>
          <dt>Tool</dt>
          <dd>{run.tool}</dd>
        </div>
      </dl>
    </section>
  );
};

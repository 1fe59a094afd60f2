import type { Claim, Run, Verdict } from '../../harness/results/run-schema.js';
import { writeCount, writeDuration, writeList, writeNumber, writeTime } from '../figures.js';
import { VerdictBadge, verdictWords } from './verdict-badge.js';

const endings: Readonly<Record<Verdict, readonly [one: string, many: string]>> = {
  holds: ['holds', 'hold'],
  'holds-when': ['holds under a condition', 'hold under a condition'],
  fails: ['fails', 'fail'],
  undecided: ['is undecided', 'are undecided'],
};
const verdicts = Object.keys(endings) as Verdict[];

const tallyOf = ({ claims }: Run) =>
  verdicts
    .map((verdict) => ({ verdict, count: claims.filter((claim) => claim.verdict === verdict).length }))
    .filter(({ count }) => count > 0);

/** The verdicts in one sentence: "5 sentences judged: 3 hold, 1 fails and 1 is undecided." */
export const answerOf = (run: Run): string => {
  if (run.claims.length === 0) return 'No sentence has been judged in this run.';
  const parts = tallyOf(run).map(
    ({ verdict, count }) => `${writeNumber(count)} ${endings[verdict][count === 1 ? 0 : 1]}`,
  );
  return `${writeCount(run.claims.length, 'sentence')} judged: ${writeList(parts)}.`;
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

/** Every sentence in one glance, with a link to its verdict. */
const SentenceIndex = ({ claims }: { claims: readonly Claim[] }) =>
  claims.length === 0 ? null : (
    <ul class="index" aria-label="Sentences and verdicts">
      {claims.map(({ id, verdict }) => (
        <li>
          <a href={`#claim-${id}`} aria-label={`${id}: ${verdictWords(verdict)}`}>
            <VerdictBadge verdict={verdict}>{id}</VerdictBadge>
          </a>
        </li>
      ))}
    </ul>
  );

const secondsOf = ({ startedAt, finishedAt }: Run): number | undefined =>
  finishedAt === null ? undefined : (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;

/** What was asked, the answer in one sentence, and which run this is. */
export const Masthead = ({ run }: { run: Run }) => {
  const seconds = secondsOf(run);
  return (
    <header class="masthead">
      <p class="kicker">pollcost · measured on this machine</p>
      <h1>What do select, poll and epoll cost, per file descriptor?</h1>
      <p class="answer">{answerOf(run)}</p>
      <SentenceIndex claims={run.claims} />
      <StatusNotice run={run} />
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
    </header>
  );
};

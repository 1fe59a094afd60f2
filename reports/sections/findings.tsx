import type { Claim, Run } from '../../harness/results/run-schema.js';
import type { Shown } from '../pages/page.js';
import { Told } from './glossary.js';
import { VerdictBadge } from './verdict-badge.js';

const HOW_MANY = 3;

/** Which findings say most to somebody who reads three; others follow in the order of the run. */
const FIRST = [
  'idle-is-free',
  'highest-fd',
  'epoll-20-bytes',
  'few-sockets-cpu',
  'less-cpu-mostly',
  'few-sockets-memory',
];

/** The findings of the first page: what was decided, before what was not. */
export const findingsOf = ({ claims }: Run): Claim[] => {
  const place = ({ id }: Claim) => (FIRST.includes(id) ? FIRST.indexOf(id) : FIRST.length);
  const byPlace = [...claims].sort((a, b) => place(a) - place(b));
  const decided = byPlace.filter(({ verdict }) => verdict !== 'undecided');
  const open = byPlace.filter(({ verdict, effects }) => verdict === 'undecided' && effects.length > 0);
  return [...decided, ...open].slice(0, HOW_MANY);
};

export const Findings = ({ run, claimHref }: { run: Run } & Pick<Shown, 'claimHref'>) => {
  const findings = findingsOf(run);
  return findings.length === 0 ? null : (
    <ol class="findings" aria-label="Three findings">
      {findings.map(({ id, finding, verdict, statement }) => (
        <li>
          <p>
            <Told>{finding}</Told>
          </p>
          <a href={claimHref(id)}>
            <VerdictBadge verdict={verdict} /> <span class="of">{statement}</span>
          </a>
        </li>
      ))}
    </ol>
  );
};

import { ofQuantity } from '../results/effect-factors.js';
import type { Effect, MeasuredCell } from '../results/run-schema.js';
import { type ClaimDefinition, judgeAll, undecided } from './claim.js';
import { conditionsOf, type Evidence, exact, Missing } from './evidence.js';
import { bytes } from './figure-text.js';
import {
  byTheBooks,
  disagreementOf,
  EVERYTHING,
  EXPERIMENT,
  figureOf,
  fromCell,
  labelOf,
  poolCell,
  poolCells,
  type Source,
} from './ledger.js';

const MANY = 1000;
const SMALL = { to: 0.1 };
/** `select` itself ends before fd 1 024; `select-wide` makes the same call with room for them all. */
const POLLERS = { select: 'select-wide', poll: 'poll', epoll: 'epoll' } as const;
type Name = keyof typeof POLLERS;
const NAMES = Object.keys(POLLERS) as Name[];

export const numbersAreSmall: ClaimDefinition = {
  id: 'numbers-are-small',
  source: 'answer',
  kind: 'read',
  statement: 'all these numbers are small, so that the difference matters little',
  rule: {
    version: 2,
    text:
      'All bytes that select, poll and epoll take, in the program with its copies and in the kernel, over the bytes of the ' +
      'connections themselves (both ends), at 1 000 and at the most pairs that the limit allows. What was read of the kernel ' +
      'decides where it was; undecided where what the structures add up to is more than 15 % away; where nothing was read that ' +
      'sum decides and the verdict says so. Holds if every interval lies under 10 %, fails if one lies above.',
  },
  evidence: [EXPERIMENT],
  judge(evidence) {
    const booked = NAMES.flatMap((name) => {
      const last = most(evidence, name, 'computed');
      const cells = [poolCell(evidence, POLLERS[name], 'computed', MANY), last];
      return [...new Set(cells)].map((cell) =>
        byTheBooks(
          read(evidence, name, Number(cell.factors.watched)),
          share(evidence, name, 'computed', cell),
          SMALL,
        ),
      );
    });
    const shares = booked.map(({ judged }) => judged);
    const isRead = shares.some(({ factors }) => factors.source === 'read');
    const apart = disagreementOf(booked);
    const perConnection = (cell: MeasuredCell, metrics: readonly string[]) =>
      figureOf(cell, metrics) / Number(cell.factors.watched);
    const last = most(evidence, 'epoll', 'computed');
    const each = NAMES.map((name) => {
      const cell = most(evidence, name, 'computed');
      const value = perConnection(cell, EVERYTHING);
      return ofQuantity(
        'bytesPerConnection',
        exact(`${name}BytesPerConnection`, value, 'bytes', false, conditionsOf(cell)),
      );
    });
    const perFd = each.map(({ value }, index) => `${bytes(value)} under ${NAMES[index]}`);
    const socket = perConnection(last, ['socketBytes']);
    return {
      ...(apart === null ? judgeAll(shares) : undecided(apart)),
      effects: [
        ...shares,
        ...booked.flatMap(({ beside }) => beside),
        ofQuantity(
          'socketBytes',
          exact('socketBytesPerConnection', socket, 'bytes', false, conditionsOf(last)),
        ),
        ...each,
      ],
      finding:
        `With ${last.factors.watched} connections, what epoll keeps is ${percent(shareOf(shares, 'epoll'))} of the memory of the ` +
        `connections themselves, and what poll takes ${percent(shareOf(shares, 'poll'))}${isRead ? '' : ` (${labelOf(evidence)})`}.`,
      explanation:
        'A loopback connection is two ends, each of them a struct tcp_sock, a socket with its inode, a file and a dentry ' +
        `(sock_alloc_file), and two bind buckets: ${bytes(socket)} without a byte of data in its buffers. Beside that, with ` +
        `${last.factors.watched} connections, waiting took ${perFd.join(', ')} for each, everything counted. ` +
        (isRead
          ? 'What was read of the kernel is judged; what the structures add up to stands beside it.'
          : `These bytes are ${labelOf(evidence)}.`),
    };
  },
};

function most(evidence: Evidence, name: Name, source: Source): MeasuredCell {
  const cell = poolCells(evidence, POLLERS[name], source).at(-1);
  if (!cell) throw new Missing(`${EXPERIMENT} of ${POLLERS[name]}, source=${source}`);
  return cell;
}

/** The read column at the same count, where it was measured. */
function read(evidence: Evidence, name: Name, watched: number): Effect | null {
  const cell = poolCells(evidence, POLLERS[name], 'read').find(({ factors }) => factors.watched === watched);
  return cell ? share(evidence, name, 'read', cell) : null;
}

/** The share of one poller with the most connections. */
const shareOf = (shares: readonly Effect[], name: Name): number =>
  shares.filter(({ factors }) => factors.poller === POLLERS[name]).at(-1)?.value ?? Number.NaN;

const percent = (share: number): string =>
  share < 0 ? 'a share that is not resolved' : `${(share * 100).toFixed(1)} %`;

function share(evidence: Evidence, poller: Name, source: Source, cell: MeasuredCell) {
  const name = `${poller}MemoryShareAt${cell.factors.watched}${source === 'read' ? 'Read' : ''}`;
  const effect = fromCell(
    evidence,
    { name, unit: 'ratio', decides: true },
    cell,
    [...EVERYTHING, 'socketBytes'],
    (medians) => {
      const socket = medians[EVERYTHING.length] as number;
      return medians.subarray(0, EVERYTHING.length).reduce((sum, part) => sum + part, 0) / socket;
    },
  );
  return ofQuantity('shareOfConnection', { ...effect, ratioKind: 'share' as const });
}

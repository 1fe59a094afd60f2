import type { MeasuredCell } from '../results/run-schema.js';
import { type ClaimDefinition, judgeAll } from './claim.js';
import { type Evidence, exact, Missing } from './evidence.js';
import { EVERYTHING, EXPERIMENT, figureOf, fromCell, poolCell, poolCells, type Source } from './ledger.js';
import { bytes } from './wording.js';

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
    version: 1,
    text:
      'All bytes that select, poll and epoll take, in the program with its copies and in the kernel, over the bytes of the ' +
      'connections themselves (both ends), at 1 000 and at the most pairs that the limit allows; computed, and read where ' +
      'it was measured. Holds if every interval lies under 10 %, fails if one lies above.',
  },
  evidence: [EXPERIMENT],
  judge(evidence) {
    const shares = NAMES.flatMap((name) => [
      share(evidence, name, 'computed', poolCell(evidence, POLLERS[name], 'computed', MANY)),
      share(evidence, name, 'computed', most(evidence, name, 'computed')),
      ...read(evidence, name),
    ]);
    const perConnection = (cell: MeasuredCell, metrics: readonly string[]) =>
      figureOf(cell, metrics) / Number(cell.factors.watched);
    const last = most(evidence, 'epoll', 'computed');
    const perFd = NAMES.map(
      (name) => `${bytes(perConnection(most(evidence, name, 'computed'), EVERYTHING))} under ${name}`,
    );
    const socket = perConnection(last, ['socketBytes']);
    return {
      ...judgeAll(shares.map((effect) => [effect, SMALL])),
      effects: [...shares, exact('socketBytesPerConnection', socket, 'bytes', false)],
      explanation:
        'A loopback connection is two ends, each of them a struct tcp_sock, a socket with its inode, a file and a dentry ' +
        `(sock_alloc_file), and two bind buckets: ${bytes(socket)} without a byte of data in its buffers. Beside that, with ` +
        `${last.factors.watched} connections, waiting took ${perFd.join(', ')} for each, everything counted. ` +
        (shares.some(({ name }) => name.endsWith('Read'))
          ? 'Both columns are judged, what the structures add up to and what was read.'
          : 'These bytes are computed, not measured.'),
    };
  },
};

function most(evidence: Evidence, name: Name, source: Source): MeasuredCell {
  const cell = poolCells(evidence, POLLERS[name], source).at(-1);
  if (!cell) throw new Missing(`${EXPERIMENT} of ${POLLERS[name]}, source=${source}`);
  return cell;
}

/** The read column at the same counts, as far as it was measured. */
function read(evidence: Evidence, name: Name) {
  const wanted = [MANY, Number(most(evidence, name, 'computed').factors.watched)];
  return poolCells(evidence, POLLERS[name], 'read')
    .filter(({ factors }) => wanted.includes(Number(factors.watched)))
    .map((cell) => share(evidence, name, 'read', cell));
}

function share(evidence: Evidence, poller: Name, source: Source, cell: MeasuredCell) {
  const name = `${poller}ShareAt${cell.factors.watched}${source === 'read' ? 'Read' : ''}`;
  return fromCell(
    evidence,
    { name, unit: 'ratio', decides: true },
    cell,
    [...EVERYTHING, 'socketBytes'],
    (medians) => {
      const socket = medians[EVERYTHING.length] as number;
      return medians.subarray(0, EVERYTHING.length).reduce((sum, part) => sum + part, 0) / socket;
    },
  );
}

import type { Effect, MeasuredCell } from '../results/run-schema.js';
import { type ClaimDefinition, positionOf, type Ruling, undecided } from './claim.js';
import { type Evidence, exact, Missing, optional } from './evidence.js';
import { EXPERIMENT, figureOf, fromCell, poolCell, poolCells, sum, WITHOUT_COPIES } from './ledger.js';
import { bytes } from './wording.js';

const FEW = 10;
const LEAST_READ = 500;
/** As far apart as two ways of counting the same bytes may be. */
const CONFIRMED = { from: 0.85, to: 1.15 };

export const fewSocketsMemory: ClaimDefinition = {
  id: 'few-sockets-memory',
  source: 'answer',
  kind: 'read',
  statement: 'on very few sockets, ten or fewer, select can take less memory than epoll',
  rule: {
    version: 1,
    text:
      'Bytes of the program that the kernel is handed (for epoll: room for N events), plus bytes of the kernel that stay ' +
      '(the epoll instance with its file and dentry) and those taken while the call blocks; computed bytes decide. Holds ' +
      "if select's total is below epoll's for every N <= 10; holds-when N is at most the last count up to which it is; " +
      'fails if it is not at N = 1. At N >= 500 the read column must confirm the computed one within 15 %, where it was ' +
      'measured; otherwise undecided.',
  },
  evidence: [EXPERIMENT],
  judge(evidence) {
    const counts = poolCells(evidence, 'select', 'computed').map(({ factors }) => Number(factors.watched));
    const totalOf = (poller: string, count: number) =>
      figureOf(poolCell(evidence, poller, 'computed', count), WITHOUT_COPIES);
    const smaller = (count: number) => totalOf('select', count) < totalOf('epoll', count);
    const few = Array.from({ length: FEW }, (_, index) => index + 1);
    const exceeds = few.find((count) => !smaller(count));
    const boundary = exceeds === undefined ? FEW : exceeds - 1;
    const again = counts.find((count) => exceeds !== undefined && count > exceeds && smaller(count));
    const ratio = (count: number) =>
      exact(`selectOverEpollAt${count}`, totalOf('select', count) / totalOf('epoll', count), 'ratio', true);
    const confirmations = ['select', 'epoll'].flatMap((poller) => optional(() => confirm(evidence, poller)));
    const blocked = (count: number) =>
      figureOf(poolCell(evidence, 'select', 'computed', count), ['kernelBlockedBytes']);
    return {
      ...rulingOf(boundary, confirmations),
      effects: [
        exact('mostSocketsWithSelectSmaller', boundary, 'count', true),
        ...[1, boundary, FEW].filter((count, at, all) => count > 0 && all.indexOf(count) === at).map(ratio),
        ...confirmations,
      ],
      explanation:
        'core_sys_select() keeps small bitmaps on the stack, and __pollwait() the first nine wait queue entries; the tenth ' +
        `makes poll_get_entry() take a whole page for as long as the call blocks (${bytes(blocked(FEW))} at ${FEW}). epoll ` +
        'pays at once and for good: ep_alloc() for the instance with a file and a dentry, ep_insert() for each fd. One ' +
        `socket costs ${bytes(totalOf('select', 1))} under select and ${bytes(totalOf('epoll', 1))} under epoll, ten ` +
        `${bytes(totalOf('select', FEW))} and ${bytes(totalOf('epoll', FEW))}` +
        `${again === undefined ? '' : `; with ${again} sockets select is the smaller one again`}. ` +
        (confirmations.length > 0
          ? 'Computed bytes decided; what was read of the kernel with many sockets stands beside them.'
          : 'These bytes are computed, not measured: the read column is not in this run.'),
    };
  },
};

function rulingOf(boundary: number, confirmations: readonly Effect[]): Ruling {
  const denied = confirmations.filter((effect) => positionOf(effect, CONFIRMED) === 'outside');
  if (denied.length > 0) {
    return undecided(
      `the read column to confirm the computed one: ${denied.map(({ name }) => name).join(' and ')} is more than 15 % off`,
    );
  }
  if (boundary === FEW) return { verdict: 'holds' };
  if (boundary === 0) return { verdict: 'fails' };
  return {
    verdict: 'holds-when',
    condition: `at most ${boundary} sockets are watched (computed, and so exact)`,
  };
}

/** Read over computed bytes of the kernel, with the most sockets that both columns have. */
function confirm(evidence: Evidence, poller: string): Effect {
  const read = poolCells(evidence, poller, 'read').at(-1);
  const count = Number(read?.factors.watched ?? 0);
  if (!read || count < LEAST_READ) throw new Missing(`the read column of ${poller}`);
  const computed: MeasuredCell = poolCell(evidence, poller, 'computed', count);
  const should = figureOf(computed, WITHOUT_COPIES);
  const name = `${poller}ReadOverComputedAt${count}`;
  return fromCell(
    evidence,
    { name, unit: 'ratio', decides: true },
    read,
    WITHOUT_COPIES,
    (medians) => sum(medians) / should,
  );
}

import { ofQuantity } from '../results/effect-factors.js';
import { type ClaimDefinition, type Judged, positionOf, type Ruling, undecided, within } from './claim.js';
import { comparedConditions, conditionsOf, type Evidence, exact, Missing, optional } from './evidence.js';
import { bytes } from './figure-text.js';
import {
  EXPERIMENT,
  figureOf,
  fromCell,
  labelOf,
  poolCell,
  poolCells,
  sum,
  WITHOUT_COPIES,
} from './ledger.js';

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
    version: 2,
    text:
      'N = 1 to 10, all of which must be there. Bytes of the program that the kernel is handed (for epoll: room for N events), ' +
      'bytes of the kernel that stay (the epoll instance with its file and dentry) and those taken while the call blocks. Holds ' +
      "if select's total is below epoll's for every N; holds-when N is at most the last count up to which it is; fails if it is " +
      'not at N = 1. Bytes so few cannot be read one by one: the sum of the structures decides and the verdict says so, confirmed ' +
      'by what was read with 500 sockets and more, and of the page that the tenth socket takes where 9 and 10 were read: more ' +
      'than 15 % away is undecided.',
  },
  evidence: [EXPERIMENT],
  judge(evidence) {
    requireFew(evidence);
    const counts = poolCells(evidence, 'select', 'computed').map(({ factors }) => Number(factors.watched));
    const totalOf = (poller: string, count: number) =>
      figureOf(poolCell(evidence, poller, 'computed', count), WITHOUT_COPIES);
    const smaller = (count: number) => totalOf('select', count) < totalOf('epoll', count);
    const few = Array.from({ length: FEW }, (_, index) => index + 1);
    const exceeds = few.find((count) => !smaller(count));
    const boundary = exceeds === undefined ? FEW : exceeds - 1;
    const again = counts.find((count) => exceeds !== undefined && count > exceeds && smaller(count));
    const ratio = (count: number) => {
      const value = totalOf('select', count) / totalOf('epoll', count);
      const factors = comparedConditions(
        poolCell(evidence, 'select', 'computed', count),
        poolCell(evidence, 'epoll', 'computed', count),
      );
      return ofQuantity('bytesInAll', exact(`selectOverEpollAt${count}`, value, 'ratio', true, factors));
    };
    const confirmations = [
      ...['select', 'epoll'].flatMap((poller) => optional(() => confirm(evidence, poller))),
      ...optional(() => confirmPage(evidence)),
    ];
    const total = (poller: string, count: number) => {
      const cell = poolCell(evidence, poller, 'computed', count);
      const name = `${poller}BytesAt${count}`;
      return ofQuantity(
        'bytesInAll',
        exact(name, totalOf(poller, count), 'bytes', false, conditionsOf(cell)),
      );
    };
    const ten = poolCell(evidence, 'select', 'computed', FEW);
    const blocked = ofQuantity(
      'kernelBlockedBytes',
      exact(
        `selectBlockedBytesAt${FEW}`,
        figureOf(ten, ['kernelBlockedBytes']),
        'bytes',
        false,
        conditionsOf(ten),
      ),
    );
    const smallerAgain =
      again === undefined ? [] : [exact('selectSmallerAgainAt', again, 'count', false, { poller: 'select' })];
    return {
      ...rulingOf(boundary, confirmations),
      effects: [
        within(exact('mostSocketsWithSelectSmaller', boundary, 'count', true), { from: FEW }),
        ...[1, boundary, FEW].filter((count, at, all) => count > 0 && all.indexOf(count) === at).map(ratio),
        ...confirmations,
        ...[1, FEW].flatMap((count) => [total('select', count), total('epoll', count)]),
        blocked,
        ...smallerAgain,
      ],
      finding:
        `Up to ${boundary} sockets, waiting with select takes less memory than with epoll (with one ${bytes(totalOf('select', 1))} ` +
        `against ${bytes(totalOf('epoll', 1))}), ${labelOf(evidence)}.`,
      explanation:
        'core_sys_select() keeps small bitmaps on the stack, and __pollwait() the first nine wait queue entries; the tenth ' +
        `makes poll_get_entry() take a whole page for as long as the call blocks (${bytes(blocked.value)} at ${FEW}). epoll ` +
        'pays at once and for good: ep_alloc() for the instance with a file and a dentry, ep_insert() for each fd. One ' +
        `socket costs ${bytes(totalOf('select', 1))} under select and ${bytes(totalOf('epoll', 1))} under epoll, ten ` +
        `${bytes(totalOf('select', FEW))} and ${bytes(totalOf('epoll', FEW))}` +
        `${again === undefined ? '' : `; with ${again} sockets select is the smaller one again`}. ` +
        (confirmations.length > 0
          ? `These bytes are ${labelOf(evidence)}; what was read of the kernel confirms them.`
          : `These bytes are ${labelOf(evidence)}; nothing was read.`),
    };
  },
};

function rulingOf(boundary: number, confirmations: readonly Judged[]): Ruling {
  const denied = confirmations.filter((effect) => positionOf(effect, effect.limits) === 'outside');
  if (denied.length > 0) {
    return undecided(
      `the read column to confirm the computed one: ${denied.map(({ name }) => name).join(' and ')} is more than 15 % off`,
    );
  }
  if (boundary === FEW) return { verdict: 'holds' };
  if (boundary === 0) return { verdict: 'fails' };
  return {
    verdict: 'holds-when',
    condition: `at most ${boundary} sockets are watched`,
  };
}

function requireFew(evidence: Evidence): void {
  const counts = Array.from({ length: FEW }, (_, index) => index + 1);
  const factors = counts.map((watched) => ({ watched, source: 'computed' }));
  evidence.grid(
    ['select', 'epoll'].flatMap((poller) =>
      factors.map((conditions) => ({ experiment: EXPERIMENT, poller, factors: conditions })),
    ),
  );
}

/** Read over computed bytes of the kernel, with the most sockets that both columns have. */
function confirm(evidence: Evidence, poller: string): Judged {
  const read = poolCells(evidence, poller, 'read').at(-1);
  const count = Number(read?.factors.watched ?? 0);
  if (!read || count < LEAST_READ) throw new Missing(`the read column of ${poller}`);
  const computed = poolCell(evidence, poller, 'computed', count);
  const should = figureOf(computed, WITHOUT_COPIES);
  const about = { name: `${poller}ReadOverComputedAt${count}`, unit: 'ratio', decides: true } as const;
  const effect = fromCell(evidence, about, read, WITHOUT_COPIES, (medians) => sum(medians) / should);
  const factors = comparedConditions(read, computed);
  return within(ofQuantity('bytesInAll', { ...effect, factors }), CONFIRMED);
}

/** What the tenth socket takes while the call blocks, read over computed. */
function confirmPage(evidence: Evidence): Judged {
  const [nine, ten] = [FEW - 1, FEW].map((count) => poolCell(evidence, 'select', 'read', count));
  if (!nine || !ten) throw new Missing('the read column of select at 9 and 10');
  const blocked = (count: number) =>
    figureOf(poolCell(evidence, 'select', 'computed', count), ['kernelBlockedBytes']);
  const should = blocked(FEW) - blocked(FEW - 1);
  const before = figureOf(nine, ['kernelBlockedBytes']);
  const about = { name: 'selectTenthSocketReadOverComputed', unit: 'ratio', decides: true } as const;
  const effect = fromCell(
    evidence,
    about,
    ten,
    ['kernelBlockedBytes'],
    (medians) => (sum(medians) - before) / should,
  );
  return within(effect, CONFIRMED);
}

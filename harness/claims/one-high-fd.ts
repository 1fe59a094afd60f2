import { type ClaimDefinition, judgeHalves } from './claim.js';
import { type Evidence, exact, optional } from './evidence.js';
import { EXPERIMENT, figureOf, poolCell } from './ledger.js';
import { bytes } from './wording.js';

const SETS = 3;
const ALL_OF_SELECT = { from: 384, to: 384 };
const CLAIMED_OF_EPOLL = { from: 10, to: 40 };
const HIGHEST_OF_SELECT = 1023;

const oneAt = (evidence: Evidence, poller: string, highestFd: number) =>
  evidence.cell({ experiment: EXPERIMENT, poller, factors: { watched: 1, highestFd, source: 'computed' } });

const threeSets = (evidence: Evidence, poller: string, number: number) =>
  SETS * figureOf(oneAt(evidence, poller, number), ['userBytes']);

export const oneHighFd: ClaimDefinition = {
  id: 'one-high-fd',
  source: 'answer',
  kind: 'definition',
  statement: 'a single fd with a high number costs select all of its 384 bytes, and epoll just 20',
  rule: {
    version: 1,
    text:
      'One fd at 1 023 (select refuses 1 024). The half of select holds if its three sets are 384 bytes in user space; the ' +
      'half of epoll if the bytes that the kernel keeps for one more fd lie within 10..40. Holds if both do, holds-when ' +
      'with the half that is true if one does, fails if neither does. All bytes are computed.',
  },
  evidence: [EXPERIMENT],
  judge(evidence) {
    const select = exact(
      'selectUserBytesAt1023',
      threeSets(evidence, 'select', HIGHEST_OF_SELECT),
      'bytes',
      true,
    );
    const lasting = (cell: ReturnType<typeof oneAt>) => figureOf(cell, ['kernelPersistentBytes']);
    const low = poolCell(evidence, 'epoll', 'computed', 1);
    const perFd = lasting(poolCell(evidence, 'epoll', 'computed', 2)) - lasting(low);
    const epoll = exact('epollKernelBytesForOneMoreFd', perFd, 'bytes', true);
    const high = oneAt(evidence, 'epoll', HIGHEST_OF_SELECT);
    const blocked = figureOf(oneAt(evidence, 'select', HIGHEST_OF_SELECT), ['kernelBlockedBytes']);
    const accepts = evidence.cells({
      experiment: EXPERIMENT,
      poller: 'select',
      factors: { highestFd: HIGHEST_OF_SELECT + 1 },
    }).length;
    const wide = evidence
      .cells({ experiment: EXPERIMENT, poller: 'select-wide', factors: { watched: 1, source: 'computed' } })
      .filter(({ factors }) => Number(factors.highestFd) > HIGHEST_OF_SELECT)
      .flatMap(({ factors: { highestFd } }) =>
        optional(() => {
          const sets = threeSets(evidence, 'select-wide', Number(highestFd));
          return exact(`selectWideUserBytesAt${highestFd}`, sets, 'bytes', false);
        }),
      );
    return {
      ...judgeHalves([
        { criteria: [[select, ALL_OF_SELECT]], condition: "only select's half is meant, in user space" },
        { criteria: [[epoll, CLAIMED_OF_EPOLL]], condition: "only epoll's half is meant" },
      ]),
      effects: [
        select,
        epoll,
        exact('selectKernelBytesAt1023', blocked, 'bytes', false),
        exact('selectAccepts1024', Number(accepts > 0), 'boolean', false),
        ...wide,
        exact('epollKernelBytesAt1023', lasting(high), 'bytes', false),
        exact('epollKernelBytesAt1023MinusLowest', lasting(high) - lasting(low), 'bytes', false),
      ],
      explanation:
        `select names fds by their place in a bitmap, so that one fd at ${HIGHEST_OF_SELECT} is three sets of 128 bytes, and ` +
        `${bytes(blocked)} more for the six bitmaps of core_sys_select() while it blocks; at 1 024 glibc's fd_set ends, and ` +
        `larger bitmaps grow by a bit a number${wide.at(-1) ? ` (${bytes(wide.at(-1)?.value ?? 0)} for the highest here)` : ''}. ` +
        `epoll keeps its items in a tree (ep_rbtree_insert), where the number does not matter: ${bytes(perFd)} for each fd, ` +
        `high or low, and ${bytes(lasting(high))} for the first with the instance, its file and its dentry.`,
    };
  },
};

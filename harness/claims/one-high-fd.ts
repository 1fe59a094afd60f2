import { ofQuantity } from '../results/effect-factors.js';
import { type ClaimDefinition, judgeHalves, undecided, within } from './claim.js';
import { kernelBytesPerFd } from './epoll-20-bytes.js';
import { comparedConditions, conditionsOf, type Evidence, exact, optional } from './evidence.js';
import { bytes } from './figure-text.js';
import { byTheBooks, disagreementOf, EXPERIMENT, figureOf, labelOf, poolCell } from './ledger.js';

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
    version: 2,
    text:
      'One fd at 1 023 (select refuses 1 024, which is its limit in glibc and stands beside it), and under select-wide at 1 024 ' +
      'and above. The half of select holds if its three sets are 384 bytes in user space, by definition. The half of epoll is ' +
      "read: it holds if the bytes that the kernel's books show for one more fd lie within 10..40; undecided where the sum of " +
      'the structures is more than 15 % away; where the books may not be read that sum decides and the verdict says so. Holds ' +
      'if both do, holds-when with the half that is true if one does, fails if neither does.',
  },
  evidence: [EXPERIMENT],
  judge(evidence) {
    const full = oneAt(evidence, 'select', HIGHEST_OF_SELECT);
    const sets = threeSets(evidence, 'select', HIGHEST_OF_SELECT);
    const select = within(
      ofQuantity('userBytes', exact('selectUserBytesAt1023', sets, 'bytes', true, conditionsOf(full))),
      ALL_OF_SELECT,
    );
    const lasting = (cell: ReturnType<typeof oneAt>) => figureOf(cell, ['kernelPersistentBytes']);
    const low = poolCell(evidence, 'epoll', 'computed', 1);
    const two = poolCell(evidence, 'epoll', 'computed', 2);
    const more = lasting(two) - lasting(low);
    const computed = ofQuantity(
      'oneMoreFd',
      exact('epollKernelBytesForOneMoreFd', more, 'bytes', true, comparedConditions(two, low)),
    );
    const [read = null] = optional(() =>
      kernelBytesPerFd(evidence, 'read', 'epollKernelBytesForOneMoreFdRead'),
    );
    const booked = byTheBooks(read, computed, CLAIMED_OF_EPOLL);
    const apart = disagreementOf([booked]);
    const perFd = booked.judged.value;
    const high = oneAt(evidence, 'epoll', HIGHEST_OF_SELECT);
    const blocked = figureOf(full, ['kernelBlockedBytes']);
    const accepts = evidence.cells({
      experiment: EXPERIMENT,
      poller: 'select',
      factors: { highestFd: HIGHEST_OF_SELECT + 1 },
    }).length;
    const wide = evidence
      .cells({ experiment: EXPERIMENT, poller: 'select-wide', factors: { watched: 1, source: 'computed' } })
      .filter(({ factors }) => Number(factors.highestFd) > HIGHEST_OF_SELECT)
      .flatMap((cell) =>
        optional(() => {
          const { highestFd } = cell.factors;
          const ofAll = threeSets(evidence, 'select-wide', Number(highestFd));
          return ofQuantity(
            'userBytes',
            exact(`selectWideUserBytesAt${highestFd}`, ofAll, 'bytes', false, conditionsOf(cell)),
          );
        }),
      );
    const ruling = judgeHalves([
      { effects: [select], condition: "only select's half is meant, in user space" },
      { effects: [booked.judged], condition: "only epoll's half is meant" },
    ]);
    return {
      ...(apart === null ? ruling : undecided(apart)),
      finding:
        `A single socket numbered 1 023 costs select ${bytes(sets)} for its three sets, and epoll ${bytes(perFd)} in the kernel ` +
        `whatever its number${read ? '' : ` (${labelOf(evidence)})`}.`,
      effects: [
        select,
        booked.judged,
        ...booked.beside,
        ofQuantity(
          'kernelBlockedBytes',
          exact('selectKernelBytesAt1023', blocked, 'bytes', false, conditionsOf(full)),
        ),
        exact('selectAccepts1024', Number(accepts > 0), 'boolean', false, {
          poller: 'select',
          highestFd: HIGHEST_OF_SELECT + 1,
        }),
        ...wide,
        ...[
          exact('epollKernelBytesAt1023', lasting(high), 'bytes', false, conditionsOf(high)),
          exact(
            'epollKernelBytesAt1023MinusLowest',
            lasting(high) - lasting(low),
            'bytes',
            false,
            comparedConditions(high, low),
          ),
        ].map((effect) => ofQuantity('kernelPersistentBytes', effect)),
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

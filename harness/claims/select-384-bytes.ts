import { type ClaimDefinition, judgeHalves } from './claim.js';
import { exact, Missing, optional } from './evidence.js';
import { EXPERIMENT, figureOf, poolCells, sumOf } from './ledger.js';
import { bytes } from './wording.js';

const SETS = 3;
const CLAIMED = { to: 384 };
const FD_SETSIZE = 1024;

export const select384Bytes: ClaimDefinition = {
  id: 'select-384-bytes',
  source: 'answer',
  kind: 'read',
  statement: 'select never takes more than 128 bytes for each of its three sets, 384 in all',
  rule: {
    version: 1,
    text:
      'With N = 1 to the most fds under 1 024: bytes of three sets that the kernel is handed, and bytes that the kernel ' +
      'takes while the call blocks (computed, and read where it was measured), each at the N where it is largest. Holds if ' +
      'both are within 384; holds-when "user space only" if just the first is; fails otherwise.',
  },
  evidence: [EXPERIMENT],
  judge(evidence) {
    const below = evidence
      .cells({ experiment: EXPERIMENT, poller: 'select', factors: { source: 'computed' } })
      .filter(({ factors }) => Number(factors.highestFd) < FD_SETSIZE)
      .sort((a, b) => Number(a.factors.watched) - Number(b.factors.watched));
    const most = below.at(-1);
    if (!most) {
      evidence.cell({ experiment: EXPERIMENT, poller: 'select', factors: { source: 'computed' } });
      throw new Missing(`computed cells of select under fd ${FD_SETSIZE}`);
    }
    const { watched } = most.factors;
    const sets = SETS * Math.max(...below.map((cell) => figureOf(cell, ['userBytes'])));
    const user = exact('userBytesOfThreeSets', sets, 'bytes', true);
    const kernel = sumOf(evidence, 'kernelBytesWhileBlocked', most, ['kernelBlockedBytes'], true);
    const readCell = poolCells(evidence, 'select', 'read').at(-1);
    const read = readCell
      ? optional(() => sumOf(evidence, 'kernelBytesWhileBlockedRead', readCell, ['kernelBlockedBytes'], true))
      : [];
    const copies = sumOf(evidence, 'userCopyBytes', most, ['userCopyBytes'], false);
    const beyond = poolCells(evidence, 'select', 'computed').find(
      (cell) => figureOf(cell, ['kernelBlockedBytes']) > CLAIMED.to,
    );
    const first = beyond
      ? [exact('fewestFdsBeyond384InKernel', Number(beyond.factors.watched), 'count', false)]
      : [];
    return {
      ...judgeHalves([
        { criteria: [[user, CLAIMED]], condition: 'only user space is counted' },
        {
          criteria: [kernel, ...read].map((effect) => [effect, CLAIMED] as const),
          condition: 'only the kernel is counted',
        },
      ]),
      effects: [user, kernel, ...read, copies, ...first],
      explanation:
        `An fd_set of glibc is 1 024 bits, so three of them are ${bytes(sets)}; a finite timeout adds a timeval of 16. ` +
        'But core_sys_select() copies them: three bitmaps in and three out, on its stack up to 320 fd numbers and from ' +
        'kvmalloc() beyond; and while do_select() sleeps, __pollwait() holds an entry of 64 bytes in the wait queue of each ' +
        `fd, from the tenth on in whole pages. With ${watched} fds that is ${bytes(kernel.value)} per blocked thread` +
        (read[0]
          ? `; ${bytes(read[0].value)} were read of the free pages with ${readCell?.factors.watched} fds.`
          : ', computed, not measured.'),
    };
  },
};

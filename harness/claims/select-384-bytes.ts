import { ofQuantity } from '../results/effect-factors.js';
import type { Effect, MeasuredCell } from '../results/run-schema.js';
import { type ClaimDefinition, judgeHalves, undecided, within } from './claim.js';
import { conditionsOf, type Evidence, exact, Missing, optional } from './evidence.js';
import { bytes } from './figure-text.js';
import { byTheBooks, disagreementOf, EXPERIMENT, figureOf, labelOf, poolCells, sumOf } from './ledger.js';

const SETS = 3;
const CLAIMED = { to: 384 };
const FD_SETSIZE = 1024;

/** What the kernel takes while the call blocks on what one cell watches. */
function blockedIn(evidence: Evidence, cell: MeasuredCell, decides: boolean): Effect {
  const { watched, source } = cell.factors;
  const name = `kernelBytesWhileBlocked${source === 'read' ? 'Read' : ''}At${watched}`;
  return ofQuantity('kernelBlockedBytes', sumOf(evidence, name, cell, ['kernelBlockedBytes'], decides));
}

export const select384Bytes: ClaimDefinition = {
  id: 'select-384-bytes',
  source: 'answer',
  kind: 'read',
  statement: 'select never takes more than 128 bytes for each of its three sets, 384 in all',
  rule: {
    version: 2,
    text:
      'With N = 1 to the most fds under 1 024: bytes of three sets that the kernel is handed (the copies that the program keeps ' +
      'beside them), and bytes that the kernel takes while the call blocks. Of these what was read of its free pages decides, at ' +
      'the most fds where it was read; undecided where the sum of its structures there is more than 15 % away; where nothing was ' +
      'read that sum decides and the verdict says so. Holds if both are within 384; holds-when "user space only" if just the ' +
      'first is, "the kernel only" if just the second; fails otherwise.',
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
    const user = within(exact('userBytesOfThreeSets', sets, 'bytes', true, conditionsOf(most)), CLAIMED);
    const kernel = blockedIn(evidence, most, true);
    const readCell = poolCells(evidence, 'select', 'read').at(-1);
    const [read = null] = readCell ? optional(() => blockedIn(evidence, readCell, true)) : [];
    const twin = below.find(({ factors }) => factors.watched === readCell?.factors.watched);
    const there = twin && twin !== most ? blockedIn(evidence, twin, false) : kernel;
    const booked = byTheBooks(read, there, CLAIMED);
    const apart = disagreementOf([booked]);
    const copies = optional(() =>
      ofQuantity('userCopyBytes', sumOf(evidence, 'userCopyBytes', most, ['userCopyBytes'], false)),
    );
    const beyond = poolCells(evidence, 'select', 'computed').find(
      (cell) => figureOf(cell, ['kernelBlockedBytes']) > CLAIMED.to,
    );
    const first = beyond
      ? [
          exact(
            'fewestFdsBeyond384InKernel',
            Number(beyond.factors.watched),
            'count',
            false,
            conditionsOf(beyond),
          ),
        ]
      : [];
    const ruling = judgeHalves([
      { effects: [user], condition: 'only user space is counted' },
      { effects: [booked.judged], condition: 'only the kernel is counted' },
    ]);
    const others = [
      ...booked.beside,
      ...(booked.judged.name === kernel.name ? [] : [{ ...kernel, decides: false }]),
    ];
    return {
      ...(apart === null ? ruling : undecided(apart)),
      effects: [
        user,
        booked.judged,
        ...new Map(others.map((effect) => [effect.name, effect])).values(),
        ...copies,
        ...first,
      ],
      finding:
        `select is handed ${bytes(sets)} for its three sets, and the kernel takes ${bytes(booked.judged.value)} more while it ` +
        `waits for ${booked.judged.factors.watched} sockets${read ? '' : ` (${labelOf(evidence)})`}.`,
      explanation:
        `An fd_set of glibc is 1 024 bits, so three of them are ${bytes(sets)}; a finite timeout adds a timeval of 16. ` +
        'But core_sys_select() copies them: three bitmaps in and three out, on its stack up to 320 fd numbers and from ' +
        'kvmalloc() beyond; and while do_select() sleeps, __pollwait() holds an entry of 64 bytes in the wait queue of each ' +
        `fd, from the tenth on in whole pages. With ${watched} fds that is ${bytes(kernel.value)} per blocked thread` +
        (read
          ? `; ${bytes(read.value)} were read of the free pages with ${readCell?.factors.watched} fds.`
          : `, ${labelOf(evidence)}.`),
    };
  },
};

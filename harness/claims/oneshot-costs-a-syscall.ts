import { ofQuantity } from '../results/effect-factors.js';
import type { MeasuredCell as Cell, Effect } from '../results/run-schema.js';
import { differenceInterval } from '../statistics/bootstrap.js';
import { seedFrom } from '../statistics/random.js';
import { type ClaimDefinition, judgeAll, within } from './claim.js';
import { type CellQuery, comparedConditions, type Evidence, Missing, optional } from './evidence.js';
import { times } from './figure-text.js';
import { BEYOND } from './needs.js';

const EXPERIMENT = 'rearm';
const CALLS = 'syscallsPerRequest';
const CPU = 'cpuUsPerRequest';
const ONE_MORE = { from: 0.9, to: 1.1 };
const DEARER = { from: 1 };

/** One connection asks where calls are counted: each request has a turn of its own. Many do where time is taken: few turns sleep. */
const { counted, timed } = BEYOND.rearm.active;

const queryOf = (poller: string, active: number): CellQuery => ({
  experiment: EXPERIMENT,
  poller,
  factors: { load: 'closed', active },
});

const count = (calls: number): string => calls.toFixed(2);

export const oneshotCostsASyscall: ClaimDefinition = {
  id: 'oneshot-costs-a-syscall',
  source: 'asked',
  kind: 'measured',
  statement: 'one-shot registrations cost a system call for each request, and CPU with it',
  rule: {
    version: 1,
    text:
      'A server whose connections each ask again as soon as they are answered, under one-shot and under level-triggered epoll by ' +
      'turns. Holds if a request takes 0.9 to 1.1 system calls more where one connection asks, so that each request has a turn of ' +
      'its own, and the ratio of the CPU time of a request lies above 1 where 16 ask; fails if one lies wholly outside. ' +
      'Edge-triggered epoll, and io_uring, which asks again with its next wait, stand beside it.',
  },
  evidence: [EXPERIMENT],
  judge(evidence) {
    const cells = evidence.grid(
      [counted, timed].flatMap((active) =>
        ['epoll-oneshot', 'epoll'].map((poller) => queryOf(poller, active)),
      ),
    );
    const [oneshot, level, oneshotTimed, levelTimed] = cells as [Cell, Cell, Cell, Cell];
    const calls = within(more(evidence, 'oneshotMinusLevelSyscalls', oneshot, level, true), ONE_MORE);
    const dearer = (name: string, over: Cell, decides: boolean) =>
      ofQuantity(CPU, evidence.ratio(`${name}OverLevelCpu`, over, levelTimed, decides, CPU));
    const cpu = within(dearer('oneshot', oneshotTimed, true), DEARER);
    const figures = [oneshot, level].map((cell, at) =>
      ofQuantity(CALLS, evidence.figure(`${at === 0 ? 'oneshot' : 'level'}Syscalls`, cell, CALLS, false)),
    );
    const beside = Object.entries({ edge: 'epoll-et', ioUring: 'io_uring' }).flatMap(([name, poller]) => [
      ...optional(() => {
        const other = evidence.cell(queryOf(poller, counted));
        return more(evidence, `${name}MinusLevelSyscalls`, other, level, false);
      }),
      ...optional(() => dearer(name, evidence.cell(queryOf(poller, timed)), false)),
    ]);
    const [ofOneshot = 0, ofLevel = 0] = figures.map(({ value }) => value);
    return {
      ...judgeAll([calls, cpu]),
      effects: [calls, cpu, ...beside, ...figures],
      finding:
        `A request takes ${count(ofOneshot)} system calls under one-shot epoll and ${count(ofLevel)} under level-triggered epoll, ` +
        `and ${times(cpu.value)} times the CPU.`,
      explanation:
        'Once it has reported an fd, a one-shot registration is silent (ep_send_events clears its events) until EPOLL_CTL_MOD arms ' +
        'it: a system call behind each handler, in which the kernel also asks the file whether it is ready again (ep_modify). ' +
        'Level-triggered epoll puts a reported fd back on its list instead, and asks it with the next wait. What one-shot is for ' +
        'is several threads on one instance, where no two of them are to be told of one fd; a loop of one thread only pays for it.',
    };
  },
};

/** How many system calls a request takes more. Counted, not sampled: no noise floor widens it. */
function more(evidence: Evidence, name: string, over: Cell, under: Cell, decides: boolean): Effect {
  const [from = [], taken = []] = evidence.rounds(CALLS, [over, under]);
  if (from.length === 0) throw new Missing(`rounds in which both ${over.id} and ${under.id} have ${CALLS}`);
  const { value, low, high, n } = differenceInterval(from, taken, { seed: seedFrom(evidence.seed, name) });
  const factors = comparedConditions(over, under);
  return ofQuantity(CALLS, { name, value, low, high, unit: 'count', n, decides, factors });
}

import { ofQuantity } from '../results/effect-factors.js';
import type { MeasuredCell } from '../results/run-schema.js';
import { type ClaimDefinition, type Judged, type Limits, within } from './claim.js';
import { type CellQuery, type Evidence, optional } from './evidence.js';
import { beyondLimits, byJoint, judgeJointly } from './joint.js';

const MANY = 1000;
const COUNTS = [0, 10, MANY];
const BURNS = { from: 0.95 };
const SLEEPS = { to: 0.01 };
const BUSY = 'busy';

const nameOf = ({ poller, factors }: MeasuredCell, what: string) => `${poller}${what}At${factors.idle}`;

const at = (poller: string, idle: number): CellQuery => ({ experiment: 'idle', poller, factors: { idle } });

/** Who must sleep with so many connections; `select` ends before fd 1 024 and `select-wide` makes the same call. */
const sleepersAt = (idle: number): string[] => [idle < MANY ? 'select' : 'select-wide', 'poll', 'epoll'];

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 2 : 0)} %`;

export const busyPolling: ClaimDefinition = {
  id: 'busy-polling',
  source: 'notes',
  kind: 'measured',
  statement:
    'trying every stream over and over burns CPU whether or not anything happens; select and epoll sleep until something does',
  rule: {
    version: 4,
    text:
      'CPU time over the time that it could run (wall less waiting in the run queue) of a server that nobody asks anything, in ' +
      'windows of 250 ms and more, with 0, 10 and 1 000 connections, all of which must be there: busy, select (select-wide at ' +
      '1 000, because fd numbers end at 1 023 for select), poll and epoll. Holds if busy lies above 95 % and every other ' +
      'poller below 1 % at each; fails if one lies wholly on the other side, by an interval that holds for all 12 at once. ' +
      'Launches are the unit. Wake-ups a second stand beside it.',
  },
  evidence: ['idle'],
  judge(evidence) {
    const judged = (evidence: Evidence, queries: readonly CellQuery[], limits: Limits): Judged[] =>
      evidence
        .grid(queries)
        .map((cell) => evidence.cost(nameOf(cell, 'Share'), cell, 'cpuShare'))
        .map((share) => within(ofQuantity('cpuShare', share), limits));
    const [ofBusy, ofOthers] = [
      COUNTS.map((idle) => at(BUSY, idle)),
      COUNTS.flatMap((idle) => sleepersAt(idle).map((poller) => at(poller, idle))),
    ];
    evidence.grid([...ofBusy, ...ofOthers]);
    const [busy, others] = [judged(evidence, ofBusy, BURNS), judged(evidence, ofOthers, SLEEPS)];
    const all = [...busy, ...others];
    const beyond = beyondLimits(evidence, all, (joint) => [
      ...judged(joint, ofBusy, BURNS),
      ...judged(joint, ofOthers, SLEEPS),
    ]);
    const wakeups = evidence
      .grid([...ofBusy, ...ofOthers])
      .flatMap((cell) =>
        optional(() => evidence.figure(nameOf(cell, 'Wakeups'), cell, 'wakeupsPerSecond', false)),
      )
      .map((figure) => ofQuantity('wakeupsPerSecond', figure));
    const least = Math.min(...busy.map(({ value }) => value));
    const most = Math.max(...others.map(({ value }) => value));
    return {
      ...judgeJointly(all, beyond),
      effects: [...all, ...wakeups],
      finding:
        `With nothing to do, a loop that tries every socket in turn uses ${percent(least)} of its CPU, and one that waits with ` +
        `select, poll or epoll at most ${percent(most)}.`,
      explanation:
        `With nothing to do the loop that tries each fd in turn used at least ${percent(least)} of its CPU: poll(2) with a ` +
        'timeout of 0 never reaches schedule(). The others used at most ' +
        `${percent(most)}: core_sys_select() and do_sys_poll() leave an entry in the wait queue of every socket and ` +
        'ep_poll() one in that of its own instance, and then poll_schedule_timeout() and schedule_hrtimeout_range() take the ' +
        'thread off the CPU until a wake-up finds it there. With how many fds the thread sleeps makes no difference.' +
        byJoint(beyond),
    };
  },
};

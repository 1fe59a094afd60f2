import type { Effect, MeasuredCell } from '../results/run-schema.js';
import { type ClaimDefinition, type Criterion, judgeAll } from './claim.js';
import { type Evidence, Missing, optional } from './evidence.js';

const COUNTS = [0, 10, 1000];
const BURNS = { from: 0.95 };
const SLEEPS = { to: 0.01 };
const BUSY = 'busy';
const OTHERS = ['select', 'select-wide', 'poll', 'epoll', 'epoll-et'];

const cellsOf = (evidence: Evidence, poller: string): MeasuredCell[] =>
  COUNTS.flatMap((idle) => evidence.cells({ experiment: 'idle', poller, factors: { idle } }));

const nameOf = ({ poller, factors }: MeasuredCell, what: string) =>
  `${poller.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}${what}At${factors.idle}`;

const sharesOf = (evidence: Evidence, poller: string): Effect[] =>
  cellsOf(evidence, poller).map((cell) => evidence.figure(nameOf(cell, 'Share'), cell, 'cpuShare', true));

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 2 : 0)} %`;

export const busyPolling: ClaimDefinition = {
  id: 'busy-polling',
  source: 'notes',
  kind: 'measured',
  statement:
    'trying every stream over and over burns CPU whether or not anything happens; select and epoll sleep until something does',
  rule: {
    version: 1,
    text:
      'CPU time over the time that it could run (wall less waiting in the run queue) of a server that nobody asks anything, ' +
      'with 0, 10 and 1 000 connections, as many of these as were measured. Holds if busy lies above 95 % and every other ' +
      'poller below 1 % at each; fails if one lies wholly on the other side. Wake-ups a second stand beside it.',
  },
  evidence: ['idle'],
  judge(evidence) {
    const busy = sharesOf(evidence, BUSY);
    const others = OTHERS.flatMap((poller) => sharesOf(evidence, poller));
    if (busy.length === 0) evidence.cell({ experiment: 'idle', poller: BUSY, factors: { idle: 0 } });
    if (others.length === 0) throw new Missing('an idle server under a poller that sleeps');
    const criteria = [
      ...busy.map((effect): Criterion => [effect, BURNS]),
      ...others.map((effect): Criterion => [effect, SLEEPS]),
    ];
    const wakeups = [BUSY, ...OTHERS].flatMap((poller) =>
      cellsOf(evidence, poller).flatMap((cell) =>
        optional(() => evidence.figure(nameOf(cell, 'Wakeups'), cell, 'wakeupsPerSecond', false)),
      ),
    );
    const least = Math.min(...busy.map(({ value }) => value));
    const most = Math.max(...others.map(({ value }) => value));
    return {
      ...judgeAll(criteria),
      effects: [...busy, ...others, ...wakeups],
      explanation:
        `With nothing to do the loop that tries each fd in turn used at least ${percent(least)} of its CPU: poll(2) with a ` +
        'timeout of 0 never reaches schedule(). The others used at most ' +
        `${percent(most)}: core_sys_select() and do_sys_poll() leave an entry in the wait queue of every socket and ` +
        'ep_poll() one in that of its own instance, and then poll_schedule_timeout() and schedule_hrtimeout_range() take the ' +
        'thread off the CPU until a wake-up finds it there. With how many fds the thread sleeps makes no difference.',
    };
  },
};

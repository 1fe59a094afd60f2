import { ofQuantity } from '../results/effect-factors.js';
import type { MeasuredCell } from '../results/run-schema.js';
import { type ClaimDefinition, judgeAll, within } from './claim.js';
import { type CellQuery, optional } from './evidence.js';
import { times } from './figure-text.js';
import { BEYOND } from './needs.js';

const EXPERIMENT = 'accept-herd';
const WOKEN = 'emptyWakeupsPerAccept';
const HARDLY_ANY = { to: 0.1 };
const A_HERD = { from: 1 };

type Sharing = 'level' | 'exclusive' | 'reuseport';

const queryOf = (sharing: Sharing): CellQuery => ({
  experiment: EXPERIMENT,
  poller: 'epoll',
  factors: { processes: BEYOND.herd.processes, sharing },
});

export const exclusiveEndsTheHerd: ClaimDefinition = {
  id: 'exclusive-ends-the-herd',
  source: 'asked',
  kind: 'measured',
  statement:
    'where several processes wait with epoll for one listener, each connection wakes them all, and EPOLLEXCLUSIVE ends that',
  rule: {
    version: 2,
    text:
      'Four processes wait with level-triggered epoll for one shared listener, to which connections come one at a time. A wake-up ' +
      "for nothing is a sleep that ended, by the kernel's count of voluntary switches, without a connection accepted. Holds if " +
      'there are under 0.1 of them per accepted connection with EPOLLEXCLUSIVE and above 1 without; fails if one lies wholly on ' +
      'the other side. Launches are the unit. CPU per connection, fairness, and a listener for each (SO_REUSEPORT) stand beside it.',
  },
  evidence: [EXPERIMENT],
  judge(evidence) {
    const cells = evidence.grid([queryOf('exclusive'), queryOf('level')]);
    const [exclusive, level] = cells;
    if (!exclusive || !level) throw new RangeError('a grid has all of its cells');
    const woken = (name: string, cell: MeasuredCell) => ofQuantity(WOKEN, evidence.cost(name, cell, WOKEN));
    const without = within(woken('exclusiveEmptyWakeups', exclusive), HARDLY_ANY);
    const plain = within(woken('levelEmptyWakeups', level), A_HERD);
    const shown = (sharing: Sharing, name: string, metric: typeof WOKEN | 'cpuUsPerAccept' | 'fairness') =>
      optional(() => {
        const figure = evidence.figure(`${sharing}${name}`, evidence.cell(queryOf(sharing)), metric, false);
        return ofQuantity(metric, figure);
      });
    const beside = (['level', 'exclusive', 'reuseport'] as const).flatMap((sharing) => [
      ...shown(sharing, 'CpuPerAccept', 'cpuUsPerAccept'),
      ...shown(sharing, 'Fairness', 'fairness'),
    ]);
    const own = shown('reuseport', 'EmptyWakeups', WOKEN);
    return {
      ...judgeAll([without, plain]),
      effects: [without, plain, ...own, ...beside],
      finding:
        `With four processes on one listener each connection wakes ${times(plain.value)} processes for nothing under plain epoll, ` +
        `and ${times(without.value)} under EPOLLEXCLUSIVE.`,
      explanation:
        "Each epoll instance has an entry of its own in the listener's wait queue, and a wake-up runs through all that are not " +
        'exclusive (__wake_up_common): every process that sleeps is woken, one of them accepts, and the others find the queue ' +
        'empty and sleep again. EPOLLEXCLUSIVE makes the entry an exclusive one, of which a wake-up takes as many as it needs. With ' +
        'SO_REUSEPORT each process has a listener of its own, and the kernel chooses one when the connection comes.',
    };
  },
};

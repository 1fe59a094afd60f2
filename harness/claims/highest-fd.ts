import type { Effect, MeasuredCell } from '../results/run-schema.js';
import { type ClaimDefinition, judgeAll, within } from './claim.js';
import { comparedConditions, type Evidence, optional } from './evidence.js';
import { ns, times } from './figure-text.js';

const DOUBLED = { from: 1.5, to: 2.5 };

const oneFdQuery = (poller: string, number: number, series: 'pollcost' | 'c-twin' = 'pollcost') => ({
  experiment: 'highest-fd',
  poller,
  series,
  factors: { highestFd: number, watched: 1 },
});

const oneFd = (evidence: Evidence, ...query: Parameters<typeof oneFdQuery>) =>
  evidence.cell(oneFdQuery(...query));

export const highestFd: ClaimDefinition = {
  id: 'highest-fd',
  source: 'answer',
  kind: 'measured',
  statement:
    'select costs by the highest fd number: watching one fd numbered 100 costs about twice one numbered 50',
  rule: {
    version: 2,
    text:
      'cost(100)/cost(50) of one idle fd under select, zero timeout: holds if its interval lies within 1.5..2.5, fails if ' +
      'it lies outside, otherwise undecided. Raw CPU time decides, where a true doubling would still read 1.7; net of the ' +
      'binding, poll and epoll, and the difference in units of one more watched fd stand beside it.',
  },
  evidence: ['highest-fd'],
  judge(evidence) {
    const [at50, at100] = evidence.grid([50, 100].map((number) => oneFdQuery('select', number))) as [
      MeasuredCell,
      MeasuredCell,
    ];
    const ratio = within(evidence.ratio('selectCostRatio100Over50', at100, at50, true), DOUBLED);
    const net = optional(() =>
      evidence.ratio(
        'selectNetCostRatio100Over50',
        oneFd(evidence, 'select', 100, 'c-twin'),
        oneFd(evidence, 'select', 50, 'c-twin'),
        false,
      ),
    );
    const beside = (['poll', 'epoll'] as const).flatMap((poller) =>
      optional(() =>
        evidence.ratio(
          `${poller}CostRatio100Over50`,
          oneFd(evidence, poller, 100),
          oneFd(evidence, poller, 50),
          false,
        ),
      ),
    );
    const [cost50, cost100] = [at50, at100].map((cell) =>
      evidence.figure(`selectCostOfFd${cell.factors.highestFd}`, cell, 'cpuNsPerTurn', false),
    ) as [Effect, Effect];
    const inFds = optional(() => differenceInFds(evidence, at50, at100));
    return {
      ...judgeAll([ratio]),
      effects: [ratio, ...net, ...inFds, cost50, cost100, ...beside],
      finding: `For select, watching one fd numbered 100 costs ${times(ratio.value)} times what one numbered 50 costs.`,
      explanation:
        'do_select() walks the bitmaps a 64-bit word at a time and skips an empty word with one test, so fifty more fd ' +
        'numbers are one more word to copy and to test, not fifty more files to ask. What costs is each fd that is set: ' +
        `its file's poll method is called. Here one fd at 50 cost ${ns(cost50)}, and ${ns(cost100)} at 100, ` +
        `a factor of ${times(ratio.value)}` +
        (inFds[0] ? `; the difference is worth ${inFds[0].value.toFixed(2)} watched fds.` : '.'),
    };
  },
};

/** cost(100) - cost(50) in units of what one more watched fd costs. */
function differenceInFds(evidence: Evidence, at50: MeasuredCell, at100: MeasuredCell) {
  const many = evidence.cell({
    experiment: 'highest-fd',
    poller: 'select',
    factors: { highestFd: 100, watched: 51 },
  });
  const { fds } = evidence.costs(
    'difference100Minus50InWatchedFds',
    'cpuNsPerTurn',
    [at50, at100, many],
    ([fifty = 0, hundred = 0, crowd = 0]) => ({ fds: (hundred - fifty) / ((crowd - hundred) / 50) }),
  );
  const { value, low, high, n } = fds;
  return {
    name: 'difference100Minus50InWatchedFds',
    value,
    low,
    high,
    unit: 'ratio' as const,
    ratioKind: 'fds' as const,
    n,
    decides: false,
    factors: comparedConditions(at100, at50),
  };
}

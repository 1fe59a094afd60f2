import type { Figure } from './figures.js';
import { GATE_VERSION, type Gate, type MetricResult, type Side } from './gate-schema.js';
import { type Demand, exactVerdict, verdictOf } from './judge.js';
import { outcomeOf } from './outcome.js';
import { compareRuns, type Difference, type TwoRuns, type VerdictChange } from './two-runs.js';

/** The gate on two run folders: only what holds from one machine, or one hour, to another. */

const RULE =
  'exact metrics: any more than in the baseline; ratios and growths: the whole 95 % interval of their quotient lies above the margin; verdicts: another one than in the baseline';
const NOT_GATED =
  'times and CPU per request are shown and not gated: they belong to one machine in one hour; --against compares them launch by launch';

export interface RunsOrder {
  readonly baseline: string;
  readonly current: string;
  readonly tool: string;
  readonly command: string;
  readonly demandOf: (figure: Figure) => Demand;
  readonly startedMs: number;
}

/** @throws DamagedFile for what is no run of this schema */
export function gateRuns({ baseline, current, tool, command, demandOf, startedMs }: RunsOrder): Gate {
  const runs = compareRuns(baseline, current);
  const metrics = [
    ...runs.differences.map((difference) => resultOf(difference, demandOf(difference.figure))),
    ...runs.verdicts.flatMap(verdictResult),
  ];
  return {
    gateVersion: GATE_VERSION,
    ...{ tool, command },
    startedAt: new Date(Date.now() - (performance.now() - startedMs)).toISOString(),
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    outcome: outcomeOf(metrics),
    reference: sideOf(baseline, runs.a),
    current: sideOf(current, runs.b),
    seed: runs.b.seed,
    pairs: 0,
    rule: RULE,
    metrics,
    notes: [NOT_GATED, ...coverageNotes(runs)],
  };
}

const sideOf = (label: string, { environment: { commit, dirty } }: TwoRuns['a']): Side => ({
  label,
  commit,
  dirty: dirty ?? false,
});

const coverageNotes = ({ onlyInOne, differences }: TwoRuns): string[] =>
  onlyInOne === 0
    ? []
    : [
        `${onlyInOne} metrics stand in one of the runs only, ${differences.length} in both: only these are compared`,
      ];

function resultOf({ id, kind, figure, a, b, ratio }: Difference, demand: Demand): MetricResult {
  const level = kind === 'absolute' ? 'off' : demand.level;
  const common = {
    ...{ id, class: kind, unit: figure.unit, level, reference: a.value, current: b.value },
    margin: kind === 'exact' ? 0 : demand.margin,
    pairs: 0,
    speed: 'all',
  } as const;
  if (kind === 'exact') {
    const verdict = exactVerdict(a.value, b.value);
    return { ...common, verdict, change: null };
  }
  if (ratio === null)
    return { ...common, verdict: 'inconclusive', change: null, note: 'its interval reaches 0' };
  const verdict = verdictOf(Math.log(ratio.low), Math.log(ratio.high), demand.margin);
  return { ...common, verdict, change: { ...ratio, confidence: 0.95 } };
}

/** A sentence that is judged otherwise than before. What one of the runs could not decide is no change. */
function verdictResult({ id, a, b }: VerdictChange): MetricResult[] {
  if (a === 'undecided' || b === 'undecided') return [];
  const isChanged = a !== b;
  return [
    {
      id: `claim/${id}/verdict`,
      ...{ class: 'exact', unit: 'boolean', level: 'error', margin: 0, change: null, pairs: 0, speed: 'all' },
      ...{ reference: 0, current: isChanged ? 1 : 0 },
      verdict: isChanged ? 'regression' : 'ok',
      note: isChanged ? `${a} in the baseline, ${b} now` : `${a} in both`,
    },
  ];
}

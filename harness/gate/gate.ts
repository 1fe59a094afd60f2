import type { Versions } from './against.js';
import { toolOf } from './against.js';
import type { Figure } from './figures.js';
import type { Gate, MetricResult } from './gate-schema.js';
import { GATE_VERSION } from './gate-schema.js';
import type { Demand } from './judge.js';
import { type FigurePair, judge } from './judge.js';
import { outcomeOf } from './outcome.js';
import { measurePairs, type Plan, ruleText } from './pairs.js';

export interface GateOrder {
  readonly plan: Plan;
  readonly demandOf: (figure: Figure) => Demand;
  /** The command that does the same again. */
  readonly command: string;
  readonly notes: readonly string[];
  readonly startedMs: number;
  readonly stop: AbortSignal;
  launched(pair: number, of: number): void;
}

/** Compares two versions that are ready. @throws Stopped, LaunchFailure */
export async function runGate(versions: Versions, order: GateOrder): Promise<Gate> {
  const { plan, demandOf, command, startedMs, stop, launched } = order;
  const look = (pairs: readonly FigurePair[]): MetricResult[] => judge(pairs, demandOf, plan.seed);
  const { reference, current } = versions;
  const startedAt = new Date(Date.now() - (performance.now() - startedMs)).toISOString();
  const { pairs, metrics, notes } = await measurePairs(reference, current, plan, startedMs, {
    stop,
    look,
    launched,
  });
  const gated = metrics.filter(({ level, class: kind }) => level === 'error' && kind !== 'exact');
  return {
    gateVersion: GATE_VERSION,
    tool: toolOf(),
    startedAt,
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    outcome: outcomeOf(metrics),
    reference: reference.side,
    current: current.side,
    seed: plan.seed,
    pairs: pairs.length,
    command,
    rule: ruleText(plan),
    metrics: [...metrics],
    notes: [...order.notes, ...versions.notes, ...notes, ...speedNotes(gated)],
  };
}

/** Says what the figures rest on: this machine's full speed, or whatever its neighbours left. */
function speedNotes(gated: readonly MetricResult[]): string[] {
  const atAny = gated.filter(({ speed }) => speed === 'all');
  if (atAny.length === 0) return [];
  const which =
    atAny.length === gated.length
      ? 'no gated metric'
      : `${gated.length - atAny.length} of ${gated.length} gated metrics`;
  return [
    `${which} ${atAny.length === gated.length ? 'rests' : 'rest'} on samples at full speed alone: both versions must read the sentinel beside their samples, and see full speed in 8 pairs; the others rest on all samples`,
  ];
}

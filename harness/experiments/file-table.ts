import type { PlanContext } from './experiment.js';
import { openTurnSession, planTurns, TURN_FACTORS, type TurnExperiment } from './turn-experiment.js';
import { allowedValues } from './values.js';

interface Design {
  readonly launches: number;
  readonly rounds: number;
  readonly watched: readonly number[];
}

const DESIGNS: Record<PlanContext['profile'], Design> = {
  quick: { launches: 2, rounds: 2, watched: [1, 100, 1000] },
  standard: { launches: 2, rounds: 2, watched: [1, 10, 100, 500, 1000, 2000] },
  thorough: { launches: 5, rounds: 20, watched: [1, 10, 100, 200, 500, 1000, 2000, 4000] },
};

export const fileTable: TurnExperiment = {
  id: 'file-table',
  question: 'what does a turn cost more when threads share the file table?',
  connectionsFactor: 'watched',
  plan(context) {
    const { launches, rounds, watched } = DESIGNS[context.profile];
    const values = allowedValues(context, context.probe.numbers.mostPairs);
    const points = values(watched).flatMap((count) =>
      (['private', 'shared'] as const).map((table) => ({
        watched: count,
        ready: 0,
        position: 'none' as const,
        timeout: 'zero' as const,
        wakesPerSecond: 0,
        socket: 'tcp' as const,
        fileTable: table,
      })),
    );
    return planTurns(
      {
        id: 'file-table',
        points,
        factors: TURN_FACTORS,
        launches,
        rounds,
        warnings: values.warnings,
      },
      context,
    );
  },
  open: openTurnSession,
};

import type { PlanContext } from './experiment.js';
import { onePerCall } from './same-call.js';
import {
  LIFE_FACTORS,
  openTurnSession,
  planTurns,
  type TurnExperiment,
  type TurnPoint,
} from './turn-experiment.js';
import { allowedValues } from './values.js';

interface Design {
  readonly launches: number;
  readonly rounds: number;
  readonly copiesPerRound?: number;
  readonly watched: readonly number[];
}

const STANDARD_COUNTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 24];
const DESIGNS: Record<PlanContext['profile'], Design> = {
  quick: { launches: 3, rounds: 1, copiesPerRound: 3, watched: [1, 2, 4, 6, 8, 10, 16] },
  standard: { launches: 3, rounds: 1, copiesPerRound: 3, watched: STANDARD_COUNTS },
  thorough: { launches: 5, rounds: 9, watched: STANDARD_COUNTS },
};

const READINESS = [
  { ready: 0, position: 'none', timeout: 'zero' },
  { ready: 1, position: 'last', timeout: 'zero' },
  { ready: 1, position: 'last', timeout: 'finite' },
] as const;

/** How long registrations live: for ever, one of them a turn, all of them a turn and the poller with them. */
const REGISTRATION = [
  { churnPer100: 0, instance: 'kept' },
  { churnPer100: 100, instance: 'kept' },
  { churnPer100: 0, instance: 'fresh' },
] as const;

/**
 * Where two copies of the same code are compared. Not where pollers are made anew: when V8 collects that garbage differs
 * from batch to batch by far more than anything else here, and their intervals show it.
 */
const AGAIN_WATCHED = 10;

export const fewSockets: TurnExperiment = {
  id: 'few-sockets',
  question: 'which poller is cheapest for a few sockets, however short their registrations live?',
  connectionsFactor: 'watched',
  plan(context) {
    const { watched, ...rounds } = DESIGNS[context.profile];
    const values = allowedValues(context, context.probe.numbers.mostPairs);
    const points = values(watched).flatMap((count) =>
      READINESS.flatMap((readiness) =>
        REGISTRATION.map(
          (registration): TurnPoint => ({
            ...readiness,
            ...registration,
            watched: count,
            wakesPerSecond: 0,
            fileTable: context.probe.fileTable,
            socket: 'tcp',
            again: count === AGAIN_WATCHED && readiness === READINESS[0] && registration.instance === 'kept',
          }),
        ),
      ),
    );
    return planTurns(
      {
        id: 'few-sockets',
        points,
        factors: LIFE_FACTORS,
        pollers: onePerCall(context, 'narrowest'),
        ...rounds,
        warnings: values.warnings,
      },
      context,
    );
  },
  open: openTurnSession,
};

import type { Figure, Figures, MetricClass } from '../../harness/gate/figures.js';
import type { FigurePair } from '../../harness/gate/judge.js';
import { z } from '../../harness/results/zod.js';

/** Launch pairs of the same program, kept in a file: what the gate's power is worked out from. */

const readingSchema = z.tuple([z.number(), z.number().nullable()]);
const figureSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(['exact', 'ratio', 'absolute']),
  experiment: z.string(),
  poller: z.string(),
  metric: z.string(),
  factors: z.record(z.string(), z.string()),
});
export const recordingSchema = z.strictObject({
  /** When and on what, in words. */
  what: z.string(),
  /** The machine's load at each pair: processes that run or want to. */
  load: z.array(z.number()).default([]),
  figures: z.array(figureSchema),
  /** By pair, reference and current: by figure, its readings: value and pass of the sentinel. */
  pairs: z.array(z.tuple([z.array(z.array(readingSchema)), z.array(z.array(readingSchema))])),
});
export type Recording = ReturnType<typeof recordingSchema.parse>;

const rounded = (value: number): number => Number(value.toPrecision(5));

/** Keeps the figures that may fail a gate. */
export function recordingOf(
  what: string,
  pairs: readonly FigurePair[],
  load: readonly number[],
  isGated: (figure: Figure) => boolean,
): Recording {
  const known = pairs[0]?.reference ?? (new Map() as Figures);
  const figures = [...known.values()].filter((figure) => figure.kind !== 'exact' && isGated(figure));
  const side = (launch: Figures) =>
    figures.map(({ id }) =>
      (launch.get(id)?.readings ?? []).map(({ value, passNs }): [number, number | null] => [
        rounded(value),
        passNs === null ? null : rounded(passNs),
      ]),
    );
  return {
    what,
    load: load.map(rounded),
    figures: figures.map(({ id, kind, experiment, poller, metric, factors }) => ({
      ...{ id, kind, experiment, poller, metric, factors },
    })),
    pairs: pairs.map(({ reference, current }) => [side(reference), side(current)]),
  };
}

/** The recorded pairs as the gate sees pairs. `factors`: by metric, what the current version is made to cost. */
export function pairsIn(
  recording: Recording,
  planted: ReadonlyMap<string, number> = new Map(),
): FigurePair[] {
  const launch = (side: Recording['pairs'][number][number], isCurrent: boolean): Figures =>
    new Map(
      recording.figures.map((figure, at): [string, Figure] => {
        const factor = isCurrent ? (planted.get(figure.id) ?? 1) : 1;
        const readings = (side[at] ?? []).map(([value, passNs]) => ({ value: value * factor, passNs }));
        return [figure.id, { ...figure, kind: figure.kind as MetricClass, unit: 'ratio', readings }];
      }),
    );
  return recording.pairs.map(([reference, current]) => ({
    reference: launch(reference, false),
    current: launch(current, true),
  }));
}

/** What a gate of these figures would have seen: with `--metric` no other shares its false alarms. */
export function withOnly(
  recording: Recording,
  isTaken: (figure: Recording['figures'][number]) => boolean,
): Recording {
  const taken = recording.figures.map(isTaken);
  const only = <T>(each: readonly T[]): T[] => each.filter((_, at) => taken[at]);
  return {
    ...recording,
    figures: only(recording.figures),
    pairs: recording.pairs.map(([reference, current]) => [only(reference), only(current)]),
  };
}

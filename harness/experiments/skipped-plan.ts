import type { ExperimentPlan } from './experiment.js';

/** The plan with every cell left out, each for a reason, by the one that it has already if any; so nothing is launched. */
export function skippedPlan<C, S>(
  plan: ExperimentPlan<C, S>,
  reasonOf: (reason: string | undefined) => string,
): ExperimentPlan<C, S> {
  const visits = plan.visits.map((visit) => ({
    ...visit,
    series: visit.series.map(({ name, skip }) => ({ name, skip: reasonOf(skip) })),
  }));
  return { ...plan, visits, launches: [] };
}

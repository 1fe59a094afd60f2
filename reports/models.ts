import { type CostModel, modelsOf as fitModelsOf } from '../harness/model/cost-model.js';
import type { Run } from '../harness/results/run-schema.js';

const fitted = new WeakMap<Run, readonly CostModel[]>();

/** The cost models that follow from a run's cells. Several charts and sections ask; they are fitted once. */
export function modelsOf(run: Run): readonly CostModel[] {
  const found = fitted.get(run) ?? fitModelsOf(run);
  fitted.set(run, found);
  return found;
}

import { hashOf, roundsOf, secondsOf } from '../run/plan.js';
import type { PlannedBench } from '../run/planned-bench.js';
import { table } from './table.js';

/** What `--dry-run` prints. */
export function printPlan({ request, plans }: PlannedBench, json: boolean): void {
  const experiments = plans.map((plan) => {
    const cells = plan.visits.flatMap(({ series }) => series);
    return {
      id: plan.id,
      cells: cells.length,
      skipped: cells.filter(({ skip }) => skip !== undefined).length,
      launches: plan.launches.length,
      rounds: roundsOf(plan),
      seconds: Math.ceil(secondsOf(plan)),
    };
  });
  const seconds = experiments.reduce((sum, experiment) => sum + experiment.seconds, 0);
  const { profile, seed } = request;
  if (json) {
    const planHash = hashOf({ profile, seed, experiments: plans });
    process.stdout.write(`${JSON.stringify({ profile, seed, planHash, seconds, experiments }, null, 1)}\n`);
    return;
  }
  const rows = experiments.map((experiment) => Object.values(experiment).map(String));
  process.stdout.write(
    table(['experiment', 'cells', 'skipped', 'launches', 'rounds', 'seconds'], rows, process.stdout),
  );
  process.stdout.write(
    `\nabout ${seconds} s in all, profile ${profile}, seed ${seed}; nothing was measured\n`,
  );
}

import { createRequire } from 'node:module';
import type junit from 'junit-report-builder';
import type { Gate } from '../gate-schema.js';
import { metricLine } from './result-text.js';

/** A test case for each metric that is gated; one that is not decided is skipped, as nothing was found against it. */
export function junitOf(gate: Gate): string {
  // Loaded where it is used: it takes as long as all the rest of the gate. The builder itself is what it exports.
  const builder = (
    createRequire(import.meta.url)('junit-report-builder') as typeof junit.default
  ).newBuilder();
  const suite = builder
    .testSuite()
    .name('pollcost gate')
    .timestamp(gate.startedAt)
    .time(gate.seconds)
    .property('seed', String(gate.seed))
    .property('command', gate.command);
  for (const metric of gate.metrics.filter(({ level }) => level === 'error')) {
    const test = suite.testCase().className(`pollcost.${metric.class}`).name(metric.id);
    if (metric.verdict === 'regression')
      test.failure(`${metricLine(metric)}\nagain: ${gate.command}`, 'regression');
    else if (metric.verdict === 'inconclusive') test.standardOutput(metricLine(metric)).skipped();
    else test.standardOutput(metricLine(metric));
  }
  if (gate.outcome === 'nothing-measured')
    suite.testCase().name('measured').error('no gated metric was measured');
  return builder.build();
}

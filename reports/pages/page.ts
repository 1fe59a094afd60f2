import type { VNode } from 'preact';
import type { Run } from '../../harness/results/run-schema.js';
import type { Drawn } from '../charts/draw.js';
import type { ChartName } from '../charts/registry.js';

/** A page of a run's report: which file, which charts, and what stands in its body. */
export interface Page {
  readonly file: `${string}.html`;
  readonly title: (run: Run) => string;
  readonly charts: readonly ChartName[];
  readonly body: (run: Run, charts: readonly Drawn[]) => VNode;
}

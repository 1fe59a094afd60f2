import type { Run } from '../../harness/results/run-schema.js';
import type { Absent, ChartSpec, Panel } from './chart.js';
import { type ChartName, charts } from './registry.js';
import { renderSvg } from './svg.js';

/** A chart whose panels have become static SVG. */
export interface DrawnChart extends Omit<ChartSpec, 'panels'> {
  /** Its name in the registry, or the address of the verdict that it shows. */
  readonly name: string;
  readonly panels: readonly (Panel & { readonly svg: string })[];
}

export type Drawn = DrawnChart | (Absent & { readonly name: string });

const specs = new WeakMap<Run, Map<ChartName, ChartSpec | Absent>>();

/** A chart of the registry for this run, not drawn yet; worked out once, however many pages speak of it. */
export const chartOf = (name: ChartName, run: Run): ChartSpec | Absent => {
  const ofRun = specs.get(run) ?? new Map<ChartName, ChartSpec | Absent>();
  specs.set(run, ofRun);
  const chart = ofRun.get(name) ?? charts[name](run);
  ofRun.set(name, chart);
  return chart;
};

/**
 * Draws one chart of the registry. Throws a ChartError that names chart and panel when a picture is not
 * sound.
 */
export const draw = (name: ChartName, run: Run): Promise<Drawn> => drawSpec(name, chartOf(name, run));

/** Draws a chart that is in no registry. Throws a ChartError as `draw` does. */
export const drawSpec = async (name: string, chart: ChartSpec | Absent): Promise<Drawn> => {
  if (chart.status === 'absent') return { ...chart, name };
  const panels = await Promise.all(
    chart.panels.map(async (panel) => ({
      ...panel,
      svg: await renderSvg(`${name} (${panel.title})`, panel.spec),
    })),
  );
  return { ...chart, name, panels };
};

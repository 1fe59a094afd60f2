import type { Run } from '../../harness/results/run-schema.js';
import type { Absent, ChartSpec, Panel } from './chart.js';
import { type ChartName, charts } from './registry.js';
import { renderSvg } from './svg.js';

/** A chart whose panels have become static SVG. */
export interface DrawnChart extends Omit<ChartSpec, 'panels'> {
  readonly name: ChartName;
  readonly panels: readonly (Panel & { readonly svg: string })[];
}

export type Drawn = DrawnChart | (Absent & { readonly name: ChartName });

/**
 * Draws one chart of the registry. Throws a ChartError that names chart and panel when a picture is not
 * sound.
 */
export const draw = async (name: ChartName, run: Run): Promise<Drawn> => {
  const chart = charts[name](run);
  if (chart.status === 'absent') return { ...chart, name };
  const panels = await Promise.all(
    chart.panels.map(async (panel) => ({
      ...panel,
      svg: await renderSvg(`${name} (${panel.title})`, panel.spec),
    })),
  );
  return { ...chart, name, panels };
};

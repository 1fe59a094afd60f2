import type { TopLevelSpec } from 'vega-lite';

const font = 'system-ui, sans-serif';

/**
 * How every chart looks. The colours are those of the page's style sheet, so one SVG serves light and dark.
 */
export const chartConfig: NonNullable<TopLevelSpec['config']> = {
  // The panel has one label of its own; a label on each of its hundreds of marks would only be noise.
  aria: false,
  background: 'transparent',
  font,
  view: { stroke: null },
  axis: {
    labelColor: 'var(--soft)',
    labelFontSize: 11.5,
    labelLimit: 130,
    labelPadding: 6,
    titleColor: 'var(--soft)',
    titleFontSize: 11.5,
    titleFontWeight: 'normal',
    titleLimit: 280,
    gridColor: 'var(--rule)',
    domainColor: 'var(--edge)',
    tickColor: 'var(--edge)',
    tickSize: 4,
  },
};

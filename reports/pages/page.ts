import type { VNode } from 'preact';
import type { Run } from '../../harness/results/run-schema.js';
import type { Absent, ChartSpec } from '../charts/chart.js';
import type { Drawn } from '../charts/draw.js';
import type { ChartName } from '../charts/registry.js';
import type { Readings } from '../recorded.js';
import type { PageScript } from '../theme/stylesheet.js';

/** A page of a run's report: which file, which charts, and what stands in its body. */
export interface Page {
  readonly file: `${string}.html`;
  /** What it is called in the navigation between pages. */
  readonly name: string;
  readonly title: (run: Run) => string;
  /** What it says, for those who are sent a link to it. */
  readonly about: (run: Run) => string;
  readonly charts: readonly ChartName[];
  /** Charts that no other page has. */
  readonly own?: readonly { readonly name: string; readonly chart: ChartSpec | Absent }[];
  /** What it does for those who have JavaScript, beside what every page does. */
  readonly script?: PageScript;
  readonly body: (run: Run, shown: Shown) => VNode;
}

/** A chart on this page or another; one that this run cannot draw is there with its reason. */
export interface ChartLink {
  readonly href: string;
  readonly title: string;
  readonly isDrawn: boolean;
}

/** What a page is given beside the run: its charts, and where others are. */
export interface Shown {
  readonly charts: readonly Drawn[];
  readonly own: readonly Drawn[];
  /** What was read about its servers, round by round. */
  readonly readings: readonly Readings[];
  readonly chartLink: (chart: ChartName) => ChartLink;
  /** The address of a claim's own page. */
  readonly claimHref: (claim: string) => string;
}

import type { Unit } from '../../harness/results/run-schema.js';
import { write, writeList, writeNumber, writeTime } from '../figures.js';
import { colourOf, type PollerId } from '../theme/pollers.js';
import { type Axis, linearDomain, logAxis } from './axis.js';
import { extentOf, inNanoseconds } from './cells.js';
import type { Layers } from './channels.js';
import type { ChartSpec, Point } from './chart.js';
import { linePanel } from './line-panel.js';

/** One figure of one run. */
export interface Stage {
  /** Its place among all runs, the earliest first. */
  readonly run: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Against the stretch before, where a new one begins: a factor, or a difference where figures are not above 0. */
  readonly step: { readonly factor: number } | { readonly difference: number } | null;
}

/** One metric of one poller over many runs. */
export interface Course {
  readonly poller: PollerId;
  readonly unit: Unit;
  readonly stages: readonly Stage[];
}

/** When a run was made, and of which commit. */
export interface Made {
  readonly id: string;
  readonly startedAt: string;
  readonly commit: string | null;
}

const SIZE = { width: 640, height: 250 };
const MOST_TICKS = 6;
const COMMIT_LETTERS = 7;

/** Days where each run has one of its own, else days and hours. */
const dateNames = (runs: readonly Made[]): ReadonlyMap<number, string> => {
  const days = runs.map(({ startedAt }) => startedAt.slice(0, 10));
  const isByDay = new Set(days).size === days.length;
  const every = Math.ceil(runs.length / MOST_TICKS);
  return new Map(
    runs.flatMap(({ startedAt }, at) => {
      const time = new Date(startedAt).toISOString();
      const name = isByDay ? time.slice(0, 10) : `${time.slice(5, 10)} ${time.slice(11, 16)}`;
      return at % every === 0 ? [[at, name] as const] : [];
    }),
  );
};

const madeInWords = ({ startedAt, commit }: Made): string =>
  `${writeTime(startedAt)}${commit === null ? '' : `, commit ${commit.slice(0, COMMIT_LETTERS)}`}`;

export const stepInWords = (step: NonNullable<Stage['step']>, unit: Unit): string => {
  if ('factor' in step) {
    const percent = (step.factor - 1) * 100;
    return `${percent < 0 ? '' : '+'}${writeNumber(percent, Math.abs(percent) < 10 ? 1 : 0)}\u00a0%`;
  }
  const { difference } = step;
  return `${difference < 0 ? '' : '+'}${write({ value: difference, low: difference, high: difference, unit }).value}`;
};

interface Step {
  readonly poller: PollerId;
  readonly run: number;
  readonly words: string;
}

const stepsOf = (courses: readonly Course[]): Step[] =>
  courses.flatMap(({ poller, unit, stages }) =>
    stages.flatMap(({ run, step }) => (step ? [{ poller, run, words: stepInWords(step, unit) }] : [])),
  );

/** Every step in words, with the run that it came with; empty where there is none. */
export const stepsInWords = (courses: readonly Course[], runs: readonly Made[]): string =>
  writeList(
    stepsOf(courses).map(
      ({ poller, run, words }) => `${poller} ${words} with the run of ${madeInWords(runs[run] as Made)}`,
    ),
  );

const LINE = 14;

/** A line where a new stretch begins, and by how much, one below the other where several begin together. */
const stepLayers = (steps: readonly Step[], { domain: [from, to] }: Axis): Layers => {
  if (steps.length === 0) return [];
  const values = steps.map((step, index) => ({
    ...step,
    left: ((step.run - 0.5 - from) / (to - from)) * SIZE.width,
    top: steps.slice(0, index).filter(({ run }) => run === step.run).length * LINE,
    ink: colourOf(step.poller),
    told: `${step.poller} ${step.words}`,
  }));
  const place = { type: 'quantitative' as const, scale: null, axis: null };
  const ink = { field: 'ink', type: 'nominal' as const, scale: null };
  return [
    {
      data: { values },
      mark: { type: 'rule', strokeWidth: 1.25, strokeDash: [6, 3] },
      encoding: {
        ...{ x: { field: 'left', ...place }, color: ink },
        ...{ y: { value: 0 }, y2: { value: 'height' as const } },
      },
    },
    {
      data: { values },
      mark: { type: 'text', align: 'left', baseline: 'top', dx: 4, fontSize: 11.5 },
      encoding: {
        ...{ x: { field: 'left', ...place }, y: { field: 'top', ...place } },
        ...{ text: { field: 'told', type: 'nominal' }, color: { value: 'var(--ink)' } },
      },
    },
  ];
};

const labelsOf = (unit: Unit): Axis['labels'] => {
  if (['ns', 'us', 'ms', 's'].includes(unit)) return 'time';
  if (unit === 'bytes') return 'bytes';
  return unit === 'ratio' ? 'factor' : 'count';
};

const pointsOf = ({ poller, unit, stages }: Course, runs: readonly Made[]): Point[] =>
  inNanoseconds(
    stages.map(({ run, value, low, high }) => ({
      ...{ poller, unit, value, low, high },
      ...{ series: 'pollcost', x: run, label: madeInWords(runs[run] as Made), flags: [] },
    })),
  );

interface Quantity {
  /** In words, with the conditions that it was measured under. */
  readonly title: string;
  /** Its name in run.json. */
  readonly metric: string;
  readonly courses: readonly Course[];
}

/** One quantity over many runs in the order in which they were made, poller by poller, with the steps in it marked. */
export const courseChart = ({ title, metric, courses }: Quantity, runs: readonly Made[]): ChartSpec => {
  const points = courses.flatMap((course) => pointsOf(course, runs));
  const labels = labelsOf(courses[0]?.unit ?? 'ratio');
  const ends = extentOf(points);
  const name = { time: 'time', bytes: 'bytes', factor: 'ratio', share: 'share', count: 'count' }[labels];
  const x: Axis = {
    title: 'run, by when it was made',
    scale: 'linear',
    labels: 'count',
    domain: [-0.5, runs.length - 0.5],
    names: dateNames(runs),
  };
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const marked = stepsOf(courses);
  // Room above the lines for what is said of steps.
  const room = marked.length === 0 ? 0 : 0.12 * Math.min(4, marked.length);
  const y: Axis =
    least > 0
      ? logAxis(name, labels, [...ends, most * Math.max(1.1, most / least) ** room])
      : {
          ...{ title: name, labels, scale: 'linear' },
          domain: linearDomain([...ends, most + room * (most - least)], 0),
        };
  const steps = stepsInWords(courses, runs);
  return {
    status: 'drawn',
    title,
    caption: steps
      ? `It changed: ${steps}.`
      : 'No step: the runs differ by no more than neighbours among them do.',
    conditions:
      'medians at full speed with their 95\u00a0% intervals, a point for each run; a dashed line is where the mean of a stretch of at least three runs changes',
    description: `${title}, run by run. ${steps ? `It changed: ${steps}.` : 'No step.'}`,
    panels: [
      linePanel({
        ...{ title: 'Run by run', metric, points, x, y, size: SIZE },
        // One run does not follow from the one before: no band between them.
        behind: stepLayers(marked, x),
      }),
    ],
  };
};

import type { Factors, Run } from '../../harness/results/run-schema.js';
import { type Axis, logAxis } from './axis.js';
import { extentOf } from './cells.js';
import type { Chart, Point } from './chart.js';
import { claimAbsence, effectsOf, pointOf, quote } from './effects.js';
import { linePanel } from './line-panel.js';

const TITLE = 'select against epoll on a few sockets';
const CLAIM = 'few-sockets-cpu';

const lives = [
  { words: 'The set stays', factors: { churnPer100: 0, instance: 'kept' } },
  { words: 'One fd replaced each turn', factors: { churnPer100: 100, instance: 'kept' } },
  { words: 'A fresh instance each turn', factors: { churnPer100: 0, instance: 'fresh' } },
];
const states = [
  { words: 'none ready, returns at once', factors: { ready: 0, timeout: 'zero' } },
  { words: 'one ready, returns at once', factors: { ready: 1, timeout: 'zero' } },
  { words: 'last ready, may wait for a time', factors: { ready: 1, timeout: 'finite' } },
];

const conditions = lives.flatMap((life) =>
  states.map((state) => ({
    title: `${life.words}: ${state.words}`,
    factors: { ...life.factors, ...state.factors },
  })),
);

const pointsFor = (run: Run, factors: Factors): Point[] =>
  effectsOf(run, CLAIM, { ...factors, poller: 'select', overPoller: 'epoll' })
    .map((effect) => {
      const line = effect.factors.series === 'c-twin' ? 'c-twin' : 'pollcost';
      return pointOf(effect, 'select', line, Number(effect.factors.watched));
    })
    .sort((a, b) => a.x - b.x);

/** The ratios that few-sockets-cpu is judged by, against the number of sockets, condition by condition. */
export const fewSockets: Chart = (run) => {
  const panels = conditions
    .map(({ title, factors }) => ({ title, points: pointsFor(run, factors) }))
    .filter(({ points }) => points.length > 0);
  if (panels.length === 0) {
    return { status: 'absent', title: TITLE, reason: claimAbsence(run, CLAIM, 'few-sockets') };
  }
  const all = panels.flatMap(({ points }) => points);
  const x: Axis = logAxis(
    'watched fds',
    'count',
    all.map((point) => point.x),
  );
  const y: Axis = logAxis('CPU time, select / epoll', 'factor', [1, ...extentOf(all)]);
  const flips = quote(run, CLAIM, [
    ['with one fd replaced each turn', 'churnReadyZeroCrossoverWatched'],
    ['the same where the turn may wait', 'churnReadyFiniteCrossoverWatched'],
  ]);
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'Below the dotted line select is the cheaper one. These are the ratios that the verdict was reached with, paired round ' +
      `by round and widened by the noise floor.${flips && ` One ready, select stays below it up to so many fds: ${flips}.`}`,
    conditions: `effects of claim ${CLAIM} · hot caches · TCP sockets on loopback · their 95\u00a0% intervals`,
    description: 'CPU time of a turn of select over one of epoll against the number of watched fds.',
    names: { select: 'select / epoll, from JavaScript' },
    beside: 'the same from C',
    panels: panels.map((panel) => linePanel({ ...panel, metric: 'SelectOverEpoll', x, y, reference: 1 })),
  };
};

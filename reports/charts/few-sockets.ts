import type { Run } from '../../harness/results/run-schema.js';
import { type Axis, logAxis } from './axis.js';
import { extentOf } from './cells.js';
import type { Chart, Point } from './chart.js';
import { claimAbsence, effectsOf, pointOf, quote } from './effects.js';
import { linePanel } from './line-panel.js';

const TITLE = 'select against epoll on a few sockets';
const CLAIM = 'few-sockets-cpu';

const lives = {
  steady: 'The set stays',
  churn: 'One fd replaced each turn',
  fresh: 'A fresh instance each turn',
} as const;
const states = {
  IdleZero: 'none ready, returns at once',
  ReadyZero: 'one ready, returns at once',
  ReadyFinite: 'last ready, may wait for a time',
} as const;

const conditions = Object.entries(lives).flatMap(([life, whole]) =>
  Object.entries(states).map(([state, words]) => ({ name: life + state, title: `${whole}: ${words}` })),
);

const NAME = /^(?<condition>[a-z]+[A-Za-z]+)SelectOverEpoll(?<net>Net)?At(?<watched>\d+)$/;

const pointsFor = (run: Run, condition: string): Point[] =>
  effectsOf(run, CLAIM)
    .flatMap((effect) => {
      const found = NAME.exec(effect.name)?.groups;
      if (found?.condition !== condition) return [];
      return [pointOf(effect, 'select', found.net ? 'c-twin' : 'pollcost', Number(found.watched))];
    })
    .sort((a, b) => a.x - b.x);

/** The ratios that few-sockets-cpu is judged by, against the number of sockets, condition by condition. */
export const fewSockets: Chart = (run) => {
  const panels = conditions
    .map(({ name, title }) => ({ title, points: pointsFor(run, name) }))
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

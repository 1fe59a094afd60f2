import { type Axis, linearDomain, logAxis } from './axis.js';
import { extentOf } from './cells.js';
import type { Chart } from './chart.js';
import { claimAbsence, effectsOf, pointOf, quote } from './effects.js';
import { linePanel } from './line-panel.js';

const TITLE = 'The difference, measured in requests';
const CLAIM = 'small-difference';
const HARDLY = 0.05;
const NAME = /^shareOfRequestAt(?<watched>\d+)$/;

/** What select costs more or less than epoll in a turn, as a share of one request, by the number of sockets. */
export const smallDifference: Chart = (run) => {
  const points = effectsOf(run, CLAIM)
    .flatMap((effect) => {
      const watched = NAME.exec(effect.name)?.groups?.watched;
      return watched === undefined ? [] : [pointOf(effect, 'select', 'pollcost', Number(watched))];
    })
    .sort((a, b) => a.x - b.x);
  if (points.length === 0) {
    return { status: 'absent', title: TITLE, reason: claimAbsence(run, CLAIM, 'few-sockets') };
  }
  const x: Axis = logAxis(
    'watched fds',
    'count',
    points.map((point) => point.x),
  );
  const y: Axis = {
    title: 'share of a request',
    scale: 'linear',
    labels: 'share',
    domain: linearDomain([HARDLY, ...extentOf(points)], 0),
  };
  const boundary = quote(run, CLAIM, [['', 'boundaryWatched']]).trim();
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'How far apart a turn of select and one of epoll are, over what a whole request takes of CPU time. Below the dotted ' +
      `line, at 5 %, the rule calls it hardly anything.${boundary && ` It is crossed at ${boundary} watched fds.`}`,
    conditions: `effects of claim ${CLAIM} · last fd ready, may wait for a time · request of app http under epoll · their 95\u00a0% intervals`,
    description:
      'Difference of a turn between select and epoll as a share of a request, against watched fds.',
    names: { select: '|select − epoll| of a turn / one request' },
    panels: [
      linePanel({
        title: 'A turn’s difference over a request',
        metric: 'shareOfRequest',
        points,
        x,
        y,
        reference: HARDLY,
      }),
    ],
  };
};

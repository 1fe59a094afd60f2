import { type Axis, linearDomain, logAxis } from './axis.js';
import { extentOf } from './cells.js';
import type { Chart } from './chart.js';
import { claimAbsence, effectsOf, pointOf, quote } from './effects.js';
import { linePanel } from './line-panel.js';

const TITLE = 'The difference, measured in requests';
const CLAIM = 'small-difference';
const HARDLY = 0.05;

/** What a request costs more or less under select than under epoll, as a share, by the number of connections. */
export const smallDifference: Chart = (run) => {
  const points = effectsOf(run, CLAIM, { poller: 'select', overPoller: 'epoll' })
    .map((effect) => {
      const { idle, active } = effect.factors;
      return pointOf(effect, 'select', 'pollcost', Number(idle) + Number(active));
    })
    .sort((a, b) => a.x - b.x);
  if (points.length === 0) {
    return { status: 'absent', title: TITLE, reason: claimAbsence(run, CLAIM, 'server') };
  }
  const x: Axis = logAxis(
    'connections',
    'count',
    points.map((point) => point.x),
  );
  const y: Axis = {
    title: 'share of a request',
    scale: 'linear',
    labels: 'share',
    domain: linearDomain([HARDLY, ...extentOf(points)], 0),
  };
  const boundary = quote(run, CLAIM, [['', 'boundaryConnections']]).trim();
  return {
    status: 'drawn',
    title: TITLE,
    caption:
      'How far apart a request under select and one under epoll are, both in the same live server. Below the dotted ' +
      `line, at 5 %, the rule calls it hardly anything.${boundary && ` It is crossed at ${boundary} connections.`}`,
    conditions: `effects of claim ${CLAIM} · app http, one connection active in closed loop · their 95\u00a0% intervals`,
    description:
      'Difference of a request between select and epoll as a share of a request, against connections.',
    names: { select: '|select − epoll| / epoll of a request' },
    panels: [
      linePanel({
        title: 'A request’s difference',
        metric: 'shareOfRequest',
        points,
        x,
        y,
        reference: HARDLY,
      }),
    ],
  };
};

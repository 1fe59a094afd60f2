import type { Cell } from '../../harness/results/run-schema.js';

export type PollerId = Cell['poller'];

interface Look {
  readonly light: string;
  readonly dark: string;
  /** An SVG path within -1.35..1.35: the symbol of Vega's marks and of the legends alike. */
  readonly shape: string;
}

/**
 * One colour and one shape per poller, the same in every chart; the order is that of legends and tables.
 * The colours keep a contrast of 3.6 to the page and a CIELAB distance of 24 to each other, also as people
 * with protanopia, deuteranopia and tritanopia see them (Machado 2009, severity 1).
 */
export const looks = {
  busy: { light: '#383338', dark: '#7d7e74', shape: 'M-.4,-1.1H.4V-.4H1.1V.4H.4V1.1H-.4V.4H-1.1V-.4H-.4Z' },
  select: { light: '#a01c08', dark: '#e0531c', shape: 'M-.85,-.85H.85V.85H-.85Z' },
  'select-wide': { light: '#bd7409', dark: '#fed04a', shape: 'M0,-1.3L1.35,1H-1.35Z' },
  poll: { light: '#0a44bd', dark: '#5b7cfa', shape: 'M1,0A1,1,0,1,1,-1,0A1,1,0,1,1,1,0Z' },
  epoll: { light: '#0a926a', dark: '#a5efcf', shape: 'M0,-1.2L1.2,0L0,1.2L-1.2,0Z' },
  'epoll-et': { light: '#8a4d86', dark: '#f07fd0', shape: 'M0,1.3L1.35,-1H-1.35Z' },
} as const satisfies Readonly<Record<PollerId, Look>>;

/**
 * From the back to the front. select lies on select-wide and ends at 1 024: drawn above it, and smaller,
 * it leaves both to be seen.
 */
export const drawingOrder: readonly PollerId[] = [
  'busy',
  'select-wide',
  'select',
  'poll',
  'epoll-et',
  'epoll',
];

const isKnown = (poller: PollerId): poller is keyof typeof looks => Object.hasOwn(looks, poller);

export const shapeOf = (poller: PollerId): string => (isKnown(poller) ? looks[poller] : looks.busy).shape;

/** The colour of a poller wherever the page's style sheet reaches: in HTML and in the SVG of the charts. */
export const colourOf = (poller: PollerId): string =>
  isKnown(poller) ? `var(--poller-${poller})` : 'currentColor';

/** The pollers among `present`, each once, in the order of legends; those without a look of their own are last. */
export const inOrder = (present: Iterable<PollerId>): PollerId[] => {
  const seen = new Set(present);
  return [
    ...Object.keys(looks).filter((poller) => seen.has(poller)),
    ...[...seen].filter((poller) => !isKnown(poller)).sort(),
  ];
};

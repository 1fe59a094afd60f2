import type { Cell } from '../../harness/results/run-schema.js';
import { type Look, manifest } from '../../pollers/manifest.js';

export type PollerId = Cell['poller'];

/** The looks of the pollers that there are, in the order of legends and tables. */
export const looks: ReadonlyMap<PollerId, Look> = new Map(
  Object.entries(manifest).map(([name, { look }]) => [name, look]),
);

/** Shapes that no poller of the manifest has: a star, a half circle, a bar, an hourglass. */
const OTHER_SHAPES = [
  'M0,-1.35L.35,-.35L1.35,0L.35,.35L0,1.35L-.35,.35L-1.35,0L-.35,-.35Z',
  'M-1.2,.6A1.2,1.2,0,0,1,1.2,.6Z',
  'M-1.3,-.4H1.3V.4H-1.3Z',
  'M-1,-1.1H1L.2,0L1,1.1H-1L-.2,0Z',
] as const;

/** A number that a name always has, and that similar names do not share (FNV-1a). */
function numberOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const letter of name) hash = Math.imul(hash ^ (letter.codePointAt(0) as number), 0x01000193);
  return hash >>> 0;
}

const DOT = 'M.7,0A.7,.7,0,1,1,-.7,0A.7,.7,0,1,1,.7,0Z';

export const shapeOf = (poller: PollerId): string =>
  poller === ''
    ? DOT
    : (looks.get(poller)?.shape ?? (OTHER_SHAPES[numberOf(poller) % OTHER_SHAPES.length] as string));

/** The colour of a poller wherever the page's style sheet reaches: in HTML and in the SVG of the charts. */
export function colourOf(poller: PollerId): string {
  if (looks.has(poller)) return `var(--p-${poller})`;
  // What stands for no poller.
  if (poller === '') return 'var(--soft)';
  const hue = numberOf(poller) % 360;
  return `light-dark(hsl(${hue} 70% 32%), hsl(${hue} 75% 68%))`;
}

/** Where a poller is drawn, from the back to the front; those without a look of their own are in front. */
export const layerOf = (poller: PollerId): number => looks.get(poller)?.layer ?? looks.size;

/** The pollers among `present`, each once, in the order of legends; those without a look of their own are last. */
export const inOrder = (present: Iterable<PollerId>): PollerId[] => {
  const seen = new Set(present);
  return [
    ...[...looks.keys()].filter((poller) => seen.has(poller)),
    ...[...seen].filter((poller) => !looks.has(poller)).sort(),
  ];
};

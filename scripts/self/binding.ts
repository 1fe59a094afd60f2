import {
  differenceInterval,
  type Interval,
  intervalsOfMedians,
  ratioInterval,
} from '../../harness/statistics/bootstrap.js';
import { type PollerName, pollerOf } from '../../pollers/manifest.js';
import { held, type Row, type SelfCost, skipped } from './cost.js';
import { idleTurn, type MeasuredTurns, measureTurns, SELF_SEED } from './turns.js';

const FEW = [1, 10];
const MANY = [100, 500];
const FEW_LAUNCHES = 12;
const ROUNDS = 8;
/** Of the largest count, by itself: beside 8 to 20 us of a turn the limit is some parts in a thousand. */
const MOST_LAUNCHES = 60;
const MOST_ROUNDS = 16;
/** In ns at full speed, whatever is watched: a ratio would hang on how fast the kernel ran. */
const SIGNATURES: readonly { poller: PollerName; idleNs: number; readyNs: number }[] = [
  { poller: pollerOf('select'), idleNs: 140, readyNs: 170 },
  { poller: pollerOf('poll'), idleNs: 100, readyNs: 130 },
  { poller: pollerOf('epoll'), idleNs: 100, readyNs: 130 },
];

/** JavaScript over the C twin, paired by round, and two copies of the same JavaScript for comparison. */
export const binding: SelfCost = {
  title: 'JavaScript over its C twin, same fds, same rounds',
  async measure() {
    const points = [...FEW, ...MANY].flatMap((watched) => [
      { ...idleTurn(watched), again: true },
      { ...idleTurn(watched), ready: 1, position: 'last' as const },
    ]);
    const most = Math.max(...MANY);
    const measured = await measureTurns(points, FEW_LAUNCHES, ROUNDS);
    const closer = await measureTurns(
      points.filter(({ watched }) => watched === most),
      MOST_LAUNCHES,
      MOST_ROUNDS,
    );
    const options = { seed: SELF_SEED };
    const rows: Row[] = [];
    let floor = 0;
    for (const { poller, idleNs, readyNs } of SIGNATURES) {
      for (const { watched, ready } of points) {
        const what = `${poller}, ${watched} watched, ${ready} ready`;
        const from = watched === most ? closer : measured;
        const [js = [], c = []] = from.rounds(poller, { watched, ready }, ['pollcost', 'c-twin']);
        const difference = differenceInterval(js, c, options);
        const limitNs = ready > 0 ? readyNs : idleNs;
        rows.push(heldWhereResolved(`${what}: minus C`, difference, limitNs));
        if (ready > 0) continue;
        const [first = [], second = []] = from.rounds(poller, { watched, ready }, [
          'pollcost',
          'pollcost-again',
        ]);
        floor = Math.max(floor, Math.abs(Math.log(ratioInterval(second, first, options).value)));
      }
    }
    return [
      ...rows,
      ...slopes(measured),
      { what: 'A/A floor: two copies of the same code, largest deviation', figure: percent(floor) },
    ];
  },
};

/** Beside a turn of many microseconds a disturbed minute shows no difference of this size: what may lie on either side is not missed. */
function heldWhereResolved(what: string, difference: Interval, limitNs: number): Row {
  const figure = `${text(difference, 0)} ns`;
  const { low, high, value } = difference;
  if (low <= limitNs && (value > limitNs || high - low > 2 * limitNs))
    return skipped(what, `not resolved: ${figure}`, limitNs, ' ns');
  return held(what, figure, value, limitNs, ' ns');
}

/** What one more watched fd costs between the two larger counts, from JavaScript and from C. */
const slopes = (measured: MeasuredTurns): Row[] =>
  [pollerOf('select'), pollerOf('poll')].flatMap((poller) =>
    (['pollcost', 'c-twin'] as const).map((series) => {
      const points = MANY.map((watched) => ({ watched, ready: 0 }));
      const rounds = measured.roundsAt(poller, points, series);
      const [few = 0, many = 0] = MANY;
      const { slope } = intervalsOfMedians(
        rounds,
        ([low = 0, high = 0]) => ({ slope: (high - low) / (many - few) }),
        { seed: SELF_SEED },
      );
      const who = series === 'pollcost' ? 'JavaScript' : 'C';
      return {
        what: `${poller}, one more fd between ${few} and ${many}, ${who}`,
        figure: `${text(slope, 1)} ns`,
      };
    }),
  );

const text = ({ value, low, high }: Interval, digits: number): string =>
  `${value.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

import { join } from 'node:path';
import { pollerOf } from '../../pollers/manifest.js';
import { median } from '../statistics/median.js';
import { randomFrom, seedFrom, shuffled } from '../statistics/random.js';
import { type BenchOrder, BenchVersion, forCells, SHORT } from './bench-version.js';
import { demandsOf, mayFail } from './config.js';
import type { Figures } from './figures.js';
import { valuesOf } from './full-speed.js';
import type { MetricResult } from './gate-schema.js';
import { type FigurePair, judge } from './judge.js';
import { outcomeOf } from './outcome.js';
import { metricLine } from './outputs/result-text.js';
import { type Plant, plantInto, plants, spinsFor } from './plants.js';
import { whyNotCounted } from './syscalls.js';
import type { Version } from './version.js';
import { placeFor, removePlace } from './worktree.js';

/** What became of one arm: the same program again, or one with a plant. `missed` alone fails the self-test. */
export interface ArmResult {
  readonly id: string;
  readonly state: 'passed' | 'caught' | 'inconclusive' | 'missed';
  readonly line: string;
}

export interface SelfTest {
  readonly isFine: boolean;
  readonly arms: readonly ArmResult[];
  readonly blocks: number;
}

export interface SelfTestOrder {
  readonly built: string;
  readonly root: string;
  readonly folder: string;
  readonly seed: number;
  readonly maxMs: number;
  readonly stop: AbortSignal;
  say(text: string): void;
}

/** The plants change its file, or what its launches go through. */
const PLANTED = pollerOf('epoll');
/** Short launches that show all that is planted. */
const ORDER: BenchOrder = {
  experiments: ['watched-fds', 'cascade'],
  pollers: [pollerOf('poll'), PLANTED],
  connections: [1, 1000],
};
/** Blocks at the first and at the second look; in each block every arm is launched once, in an order of its own. */
const BLOCKS = { fewest: 6, most: 12 } as const;

interface Arm {
  readonly plant: Plant | null;
  readonly version: Version;
  readonly launches: Figures[];
}

/**
 * Holds this program against itself, which has to pass, and against copies of it with planted slowdowns, each of which has
 * to be caught. What is counted is caught on any machine; where a neighbour leaves a time inconclusive, that is said and is
 * no failure, and neither is it a catch.
 */
export async function selfTest(order: SelfTestOrder): Promise<SelfTest> {
  const places: string[] = [];
  try {
    return await inPlaces(order, places);
  } finally {
    for (const place of places) removePlace(order.root, place);
  }
}

async function inPlaces(order: SelfTestOrder, places: string[]): Promise<SelfTest> {
  const { built, root, folder, seed, stop, say } = order;
  const startedMs = performance.now();
  const versionWith = (options: readonly string[]) => (label: string, main: string) =>
    new BenchVersion({ label, commit: null, dirty: false }, main, ORDER, join(folder, label), options);
  const main = join(built, 'harness/cli/main.js');
  const first = await versionWith(SHORT)('first', main).launch(seedFrom(seed, 'first'), stop);
  const versionOf = versionWith(forCells(first, mayFail(demandsOf({})), folder));
  const original = versionOf('original', main);
  const counted = await original.count(seed, stop);
  const spins = spinsFor(eventNs(first) / 4);
  const planted = plants.map((plant) => {
    const place = placeFor(root, plant.id);
    places.push(place);
    return { plant, version: versionOf(plant.id, plantInto(built, place, plant, spins)) };
  });
  const results: ArmResult[] = [];
  const timed: Arm[] = [{ plant: null, version: versionOf('again', main), launches: [] }];
  const notCounted = whyNotCounted();
  for (const { plant, version } of planted) {
    const needsStrace = plant.shownBy.includes('syscallsPerRequest');
    if (plant.kind === 'exact' && !(needsStrace && notCounted !== null)) {
      const pair = { reference: counted, current: await version.count(seed, stop) };
      results.push(said(say, plantResult(plant, judged([pair], seed))));
    } else {
      if (needsStrace) say(`${plant.id}: ${notCounted}: it is timed instead`);
      timed.push({
        plant: needsStrace ? { ...plant, kind: 'timed', shownBy: ['cpuNsPerTurn'] } : plant,
        version,
        launches: [],
      });
    }
  }
  const originals: Figures[] = [];
  const measure = (blocks: number) => measureBlocks(blocks, { original, originals, timed, order, startedMs });
  const look = () => timed.map((arm) => armResult(arm, originals, seed));
  await measure(BLOCKS.fewest);
  let arms = look();
  if (arms.some(({ state }) => state === 'inconclusive')) {
    await measure(BLOCKS.most);
    arms = look();
  }
  for (const arm of arms) results.push(said(say, arm));
  return {
    isFine: !results.some(({ state }) => state === 'missed'),
    arms: results,
    blocks: originals.length,
  };
}

const said = (say: (text: string) => void, result: ArmResult): ArmResult => {
  say(`${result.id}: ${result.state}: ${result.line}`);
  return result;
};

/** What an event of the largest cascade costs epoll, in ns. */
export function eventNs(figures: Figures): number {
  const events = [...figures.values()].filter(
    ({ poller, metric }) => poller === PLANTED && metric === 'cpuNsPerEvent',
  );
  return Math.max(...events.map(({ readings }) => median(valuesOf(readings))));
}

interface Blocks {
  readonly original: Version;
  readonly originals: Figures[];
  readonly timed: readonly Arm[];
  readonly order: SelfTestOrder;
  readonly startedMs: number;
}

/** However long they take. */
const LEAST_BLOCKS = 3;

async function measureBlocks(
  count: number,
  { original, originals, timed, order, startedMs }: Blocks,
): Promise<void> {
  const { seed, stop, say, maxMs } = order;
  while (originals.length < count) {
    if (originals.length >= LEAST_BLOCKS && performance.now() - startedMs > maxMs) return;
    const block = originals.length;
    say(`block ${block + 1} of ${count}, ${Math.round((performance.now() - startedMs) / 1000)} s`);
    const arms = [{ version: original, launches: originals }, ...timed];
    for (const { version, launches } of shuffled(arms, randomFrom(seedFrom(seed, 'block', block)))) {
      launches.push(await version.launch(seedFrom(seed, 'launch', block), stop));
    }
  }
}

const judged = (pairs: readonly FigurePair[], seed: number): MetricResult[] =>
  judge(pairs, demandsOf({}), seed);

function armResult({ plant, launches }: Arm, originals: readonly Figures[], seed: number): ArmResult {
  const pairs = launches.map((current, at) => ({ reference: originals[at] as Figures, current }));
  const metrics = judged(pairs, seed);
  return plant === null ? sameResult(metrics) : plantResult(plant, metrics);
}

/** The same program against itself: any regression is a false alarm, and nothing measured is no pass. */
export function sameResult(metrics: readonly MetricResult[]): ArmResult {
  const gated = metrics.filter(({ level }) => level === 'error');
  const outcome = outcomeOf(metrics);
  const bad = gated.find(({ verdict }) => verdict === 'regression');
  if (outcome === 'regression' && bad)
    return { id: 'same', state: 'missed', line: `a false alarm: ${metricLine(bad)}` };
  if (outcome === 'nothing-measured')
    return { id: 'same', state: 'missed', line: 'no gated metric was measured' };
  const open = gated.filter(({ verdict }) => verdict === 'inconclusive').length;
  return open === 0
    ? { id: 'same', state: 'passed', line: `${gated.length} gated metrics are ok` }
    : {
        id: 'same',
        state: 'inconclusive',
        line: `no false alarm; ${open} of ${gated.length} gated metrics are open on this machine just now`,
      };
}

export function plantResult({ id, what, shownBy, kind }: Plant, metrics: readonly MetricResult[]): ArmResult {
  const relevant = metrics.filter(
    ({ id: name, level }) =>
      level === 'error' && shownBy.some((metric) => name.includes(`${PLANTED}/${metric}`)),
  );
  const [caught] = relevant.filter(({ verdict }) => verdict === 'regression');
  if (caught) return { id, state: 'caught', line: `${what}: ${metricLine(caught)}` };
  const open = relevant.find(({ verdict }) => verdict === 'inconclusive');
  if (kind === 'timed' && open) return { id, state: 'inconclusive', line: `${what}: ${metricLine(open)}` };
  const [metric] = relevant;
  return {
    id,
    state: 'missed',
    line: `${what}: ${metric ? metricLine(metric) : `none of ${shownBy.join(', ')} was measured`}`,
  };
}

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT } from '../harness/gate/against.js';
import { BenchVersion, forCells, SHORT } from '../harness/gate/bench-version.js';
import { demandsOf, mayFail } from '../harness/gate/config.js';
import { type FigurePair, judge } from '../harness/gate/judge.js';
import { outcomeOf } from '../harness/gate/outcome.js';
import { PAIRS } from '../harness/gate/pairs.js';
import { launchOrder } from '../harness/statistics/launch-pairs.js';
import { randomFrom, seedFrom } from '../harness/statistics/random.js';
import { pollerOf } from '../pollers/manifest.js';
import { optionsOrExit, wholeNumberOption } from './options.js';
import { pairsIn, type Recording, recordingOf, recordingSchema, withOnly } from './power/recorded.js';

/**
 * How often the gate cries wolf and how often it finds what is there, from recorded pairs of launches of one and the same
 * program, resampled into gates: npm run gate:power -- [--record PAIRS] [--more] [--gates N] [--metric NAME]. Recording writes the
 * file anew; with `--more` it goes on until there are so many pairs. With `--metric` gates of that metric alone, of all pollers.
 */
const FILE = 'docs/gate-pairs.json';
const { values } = optionsOrExit({
  options: {
    record: { type: 'string', default: '0' },
    more: { type: 'boolean', default: false },
    gates: { type: 'string', default: '100' },
    metric: { type: 'string' },
  },
});
const recorded = wholeNumberOption('--record', values.record, 0);
const gates = wholeNumberOption('--gates', values.gates, 1);
const demandOf = demandsOf({});

const read = (): Recording => recordingSchema.parse(JSON.parse(readFileSync(FILE, 'utf8')));

async function record(count: number): Promise<Recording> {
  const folder = mkdtempSync(join(tmpdir(), 'pollcost-power-'));
  const stop = new AbortController().signal;
  // What the ratios that may fail a gate come from, and no more: a launch of it is short.
  const order = {
    experiments: ['watched-fds'],
    pollers: [pollerOf('poll'), pollerOf('epoll')],
    connections: [1, 1000],
  };
  const versionOf = (label: string, options: readonly string[]) =>
    new BenchVersion(
      { label, commit: null, dirty: false },
      join(BUILT, 'harness/cli/main.js'),
      order,
      join(folder, label),
      options,
    );
  const isGated = mayFail(demandOf);
  const options = forCells(await versionOf('short', SHORT).launch(1, stop), isGated, folder);
  const versions = { reference: versionOf('reference', options), current: versionOf('current', options) };
  const before = values.more && existsSync(FILE) ? read() : null;
  const pairs: FigurePair[] = before ? pairsIn(before) : [];
  const load: number[] = before ? [...before.load] : [];
  try {
    for (const sides of launchOrder(count, 1).slice(pairs.length)) {
      const pair: Partial<FigurePair> = {};
      for (const side of sides)
        Object.assign(pair, { [side]: await versions[side].launch(seedFrom(1, pairs.length), stop) });
      pairs.push(pair as FigurePair);
      load.push(loadavg()[0] as number);
      process.stderr.write(`pair ${pairs.length} of ${count}\n`);
      const mean = load.reduce((sum, one) => sum + one, 0) / load.length;
      const what = `${pairs.length} pairs of launches of one program, ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, mean load ${mean.toFixed(1)}`;
      // After each pair, so that what was recorded until then is kept whenever it ends.
      const recording = recordingOf(what, pairs, load, isGated);
      writeFileSync(FILE, `${JSON.stringify(recording)}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return read();
}

type Outcome = ReturnType<typeof outcomeOf>;

/** One gate of pairs drawn with replacement, by the gate's own rule: a look, and a second one where it was inconclusive. */
function gateOf(
  pairs: readonly FigurePair[],
  seed: number,
  of: (results: ReturnType<typeof judge>) => Outcome,
): Outcome {
  const random = randomFrom(seed);
  const drawn = Array.from(
    { length: PAIRS.most },
    () => pairs[Math.floor(random() * pairs.length)] as FigurePair,
  );
  const first = of(judge(drawn.slice(0, PAIRS.fewest), demandOf, seed));
  return first === 'inconclusive' ? of(judge(drawn, demandOf, seed)) : first;
}

function shares(
  recording: Recording,
  gates: number,
  planted: ReadonlyMap<string, number>,
): Record<Outcome, number> {
  const pairs = pairsIn(recording, planted);
  const counts: Record<Outcome, number> = {
    passed: 0,
    regression: 0,
    inconclusive: 0,
    'nothing-measured': 0,
  };
  const [only] = planted.keys();
  // Of a planted gate it counts whether the metric itself was found, not whether something else was.
  const of = (results: ReturnType<typeof judge>) =>
    outcomeOf(only === undefined ? results : results.filter(({ id }) => id === only));
  for (let gate = 0; gate < gates; gate++) counts[gateOf(pairs, seedFrom('gate', gate), of)]++;
  return counts;
}

if (recorded === 0 && !existsSync(FILE)) {
  process.stderr.write(`there is no ${FILE} yet: record one with --record 200\n`);
  process.exit(2);
}
const { metric } = values;
const whole = recorded > 0 ? await record(recorded) : read();
const recording = metric === undefined ? whole : withOnly(whole, (figure) => figure.metric === metric);
if (recording.figures.length === 0) {
  const known = [...new Set(whole.figures.map((figure) => figure.metric))].join(', ');
  process.stderr.write(`${FILE} has no metric '${metric}'; take one of ${known}\n`);
  process.exit(2);
}
const say = (text: string) => process.stdout.write(`${text}\n`);
say(`${recording.what}; ${gates} gates of each kind, resampled`);
say('');
say('| gate | regression | inconclusive | passed | regression where nothing else is gated |');
say('|---|---|---|---|---|');
const row = (name: string, { regression, inconclusive, passed }: Record<Outcome, number>, alone: string) =>
  say(`| ${name} | ${regression} | ${inconclusive} | ${passed} | ${alone} |`);
row('the same program (a regression is a false alarm)', shares(recording, gates, new Map()), '');
// Absolute times are paired with --against only; what holds across machines is what has to be found.
for (const { id, kind } of recording.figures.filter((figure) => figure.kind === 'ratio')) {
  const planted = new Map([[id, 1.15]]);
  const alone = shares(
    withOnly(recording, (figure) => figure.id === id),
    gates,
    planted,
  ).regression;
  row(`\`${id}\` (${kind}) +15 %`, shares(recording, gates, planted), String(alone));
}

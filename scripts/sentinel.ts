import { exit, stdout } from 'node:process';
import { startPinger, startSentinelTrial } from '../harness/processes/control/parent.js';
import { FORMS, type Form } from '../harness/processes/sentinel-trial/protocol.js';
import type { TurnConditions } from '../harness/processes/turn-probe/protocol.js';
import { quantile } from '../harness/statistics/median.js';
import { onePerWaitCall } from '../pollers/manifest.js';
import { chosenByFullSpeed, explainedShare } from './sentinel/explained.js';

/**
 * Which sentinel tells how fast turns are: `npm run sentinel -- [SECONDS [CPU]]`. Reads several around the same batches
 * and prints, for each kind of turn, how much of its scatter each of them explains. It needs neighbours to have something
 * to explain.
 */

const DEADLINE_MS = 60_000;
const WATCHED = 900;

const usual = {
  watched: WATCHED,
  ready: 1,
  position: 'last',
  timeout: 'zero',
  wakesPerSecond: 0,
  fileTable: 'private',
} as const satisfies TurnConditions;
const KINDS: Readonly<Record<string, TurnConditions>> = {
  hot: usual,
  slept: { ...usual, ready: 0, position: 'none', timeout: 'slept', wakesPerSecond: 500 },
  consumed: { ...usual, ready: 10, position: 'even', timeout: 'finite', life: 'consumed-rotating' },
  cold: { ...usual, temperature: 'cold' },
};

const seconds = Number(process.argv[2] ?? 30);
const cpu = process.argv[3] === undefined ? null : Number(process.argv[3]);
if (!(seconds > 0 && seconds <= 600) || (cpu !== null && !Number.isInteger(cpu))) {
  console.error('usage: npm run sentinel -- [SECONDS (at most 600) [CPU]]');
  exit(2);
}

const visits = Object.entries(KINDS).flatMap(([kind, conditions]) =>
  onePerWaitCall.map((poller) => ({ kind, poller, conditions, series: ['pollcost'] as const })),
);
const forms = Object.keys(FORMS) as Form[];
const costs: number[][] = visits.map(() => []);
const readings = visits.map(() => Object.fromEntries(forms.map((form) => [form, [] as number[][]])));

const probe = startSentinelTrial();
let pinger: ReturnType<typeof startPinger> | null = null;
try {
  await probe.request('start', { cpu, fileTable: 'private', twin: false }, DEADLINE_MS);
  const { port } = await probe.request('listenForPinger', {}, DEADLINE_MS);
  pinger = startPinger(port, null);
  await probe.request('acceptPinger', {}, DEADLINE_MS);
  await probe.request('open', { socket: 'tcp', size: WATCHED }, DEADLINE_MS);
  await probe.request('prepare', { visits, batchMs: 2, sleptBatchMs: 20 }, DEADLINE_MS);
  await probe.request('readings', {}, DEADLINE_MS);
  const steps = visits.map(({ series }, visit) => ({ visit, series }));
  const end = performance.now() + seconds * 1000;
  for (let round = 0; performance.now() < end; round++) {
    // Every kind follows every other one by turns.
    const turned = [...steps.slice(round % steps.length), ...steps.slice(0, round % steps.length)];
    const { samples } = await probe.request('round', { steps: turned }, DEADLINE_MS);
    const { readings: read } = await probe.request('readings', {}, DEADLINE_MS);
    for (const [at, { visit, metrics }] of samples.entries()) {
      costs[visit]?.push(metrics.cpuNsPerTurn as number);
      for (const form of forms) readings[visit]?.[form]?.push(read[form].slice(2 * at, 2 * at + 2));
    }
  }
} finally {
  await probe.end();
  await pinger?.end();
}

const percent = (share: number) => `${Math.round(100 * share)} %`;
/** How far the ninth tenth lies above the first. A turn that costs less than a clock sees has no scatter to explain. */
function spread(values: readonly number[]): string {
  if (values.length < 10) return 'too few';
  const [least, most] = [quantile(values, 0.1), quantile(values, 0.9)];
  return least > 0 ? percent(most / least - 1) : 'not resolved';
}
const rows = [
  ['turns', 'samples', 'scatter', ...forms.flatMap((form) => [`${form} explains`, 'left, of'])],
  ...visits.map(({ kind, poller }, visit) => {
    const cost = costs[visit] as number[];
    return [
      `${kind} ${poller}`,
      String(cost.length),
      spread(cost),
      ...forms.flatMap((form) => {
        const read = readings[visit]?.[form] as number[][];
        const everywhere = readings.flatMap((each) => each[form]?.flat() ?? []);
        const chosen = chosenByFullSpeed(cost, read, everywhere);
        return [
          percent(explainedShare(cost, read)),
          `${spread(chosen)}, ${percent(chosen.length / cost.length)}`,
        ];
      }),
    ];
  }),
];
const [head = [], ...body] = rows.map((cells) => `| ${cells.join(' | ')} |`);
stdout.write(`${[head, `|${' --- |'.repeat(rows[0]?.length ?? 0)}`, ...body].flat().join('\n')}\n`);

import { type PollerName, pollerNames } from '../../pollers/manifest.js';
import { asTyped } from '../collectors/invocation.js';
import { coldFactor } from '../model/cold.js';
import { type CostModel, type Estimate, fitCostModel, isAccepted } from '../model/cost-model.js';
import { highestFdOf, meanBeforeReady, TERMS, type Timeout, type Turn } from '../model/terms.js';
import { readRun } from '../results/run-folder.js';
import type { Run } from '../results/run-schema.js';
import { TooFewFigures } from '../statistics/least-squares.js';
import { folderOf } from './folder-of.js';
import { pick, UsageError, wholeNumber } from './usage.js';

export interface PredictOptions {
  readonly poller: string;
  readonly watched: string;
  readonly ready: string;
  readonly churn?: string;
  readonly timeout?: string;
  readonly run?: string;
  readonly json?: boolean;
}

const TIMEOUTS: Record<Timeout, string> = {
  zero: 'zero timeout',
  finite: 'finite timeout',
  infinite: 'no timeout',
  slept: 'asleep until one is ready',
};

/** Prints what a turn costs by the model of a run, how sure that is, and what it is paid for. @throws UsageError */
export function predict(options: PredictOptions): void {
  const folder = folderOf(options.run ?? 'results/latest');
  const turn = turnOf(options);
  const run = readRun(folder);
  const [poller = ''] = pick('poller', [options.poller], namesOf(run));
  const model = modelOf(run, poller, folder);
  const cost = model.predict(turn);
  const band = bandOf(run, model, turn, cost);
  if (options.json) {
    const { heldOut } = model;
    const shares = Object.fromEntries(model.shares(turn));
    const prediction = {
      poller,
      turn,
      costNs: cost,
      shares,
      heldOut,
      accepted: isAccepted(model),
      extrapolated: band,
    };
    process.stdout.write(`${JSON.stringify(prediction, null, 1)}\n`);
    return;
  }
  const lines = [
    `${inNs(cost.value)} ns [${inNs(cost.low)}, ${inNs(cost.high)}]`,
    `one turn of ${poller}: ${turn.watched} watched, ${turn.ready} ready, ${TIMEOUTS[turn.timeout]}` +
      (turn.churn > 0 ? `, ${options.churn} registrations replaced per 100 turns` : ''),
    `paid for: ${payments(model, turn, cost)}`,
    `model of run ${run.id}: ${isAccepted(model) ? 'accepted' : 'refused, do not rely on it'}; on the cells that were held out it missed by ` +
      `${percent(model.heldOut.medianError)} (median) and ${percent(model.heldOut.p90Error)} (90th percentile)`,
    ...(band === null ? [] : [extrapolation(band)]),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function turnOf({ watched, ready, churn = '0', timeout = 'finite' }: PredictOptions): Turn {
  const [count, active] = [wholeNumber('--watched', watched, 1, 1e7), wholeNumber('--ready', ready, 0)];
  if (active > count) throw new UsageError(`--ready ${active} is more than --watched ${count}`);
  const [known = 'finite'] = pick(
    'timeout',
    [timeout],
    new Map(Object.keys(TIMEOUTS).map((name) => [name, name as Timeout])),
  );
  if (known === 'slept' && active === 0)
    throw new UsageError('--timeout slept needs --ready 1 or more: something ends the sleep');
  return {
    watched: count,
    ready: active,
    churn: wholeNumber('--churn', churn, 0) / 100,
    timeout: known,
    beforeReady: meanBeforeReady(count, active),
    highestFd: highestFdOf(count),
  };
}

/** The pollers that there are, and those that the run has measured: a user's own among them. */
const namesOf = ({ cells }: Run): ReadonlyMap<string, PollerName> =>
  new Map([...pollerNames, ...cells.map(({ poller }) => poller)].map((name) => [name, name]));

function modelOf(run: Run, poller: PollerName, folder: string): CostModel {
  try {
    return fitCostModel(run, poller);
  } catch (error) {
    if (!(error instanceof TooFewFigures)) throw error;
    throw new UsageError(
      `${folder} has too few cells for a model of ${poller}; run '${asTyped('bench --profile standard')}' with watched-fds, ` +
        'highest-fd, ready-fds, few-sockets, workload-grid and temperature',
    );
  }
}

/** The largest payments first, as many as make nine tenths of the cost. */
function payments(model: CostModel, turn: Turn, { value }: Estimate): string {
  const shares = [...model.shares(turn)].filter(([, ns]) => ns !== 0).sort(([, a], [, b]) => b - a);
  const named: string[] = [];
  let paid = 0;
  for (const [name, ns] of shares) {
    if (ns <= 0 || paid >= 0.9 * value) break;
    paid += ns;
    named.push(`${TERMS[name].inWords} ${inNs(ns)} ns (${percent(ns / value)})`);
  }
  return named.join(', ');
}

/** What the cost may rise to with cold caches, where the model looks beyond the cells it was fitted to; else null. */
function bandOf(run: Run, model: CostModel, turn: Turn, { value }: Estimate) {
  if (model.covers(turn)) return null;
  const factor = coldFactor(run, model.poller, turn.watched);
  return { hotNs: value, coldNs: factor === null ? null : value * factor };
}

const extrapolation = ({ hotNs, coldNs }: { hotNs: number; coldNs: number | null }): string =>
  'extrapolated: no hot cell of that run has as many fds watched, ready and replaced; ' +
  (coldNs === null
    ? 'how cold caches would change it was not measured in this run'
    : `between ${inNs(hotNs)} ns with hot and ${inNs(coldNs)} ns with cold caches`);

const inNs = (ns: number): string => ns.toFixed(ns < 10 ? 1 : 0);
const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;

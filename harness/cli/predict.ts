import { type PollerName, pollerNames } from '../../pollers/manifest.js';
import { asTyped } from '../collectors/invocation.js';
import { coldFactor } from '../model/cold.js';
import { ACCEPTED, type CostModel, type Estimate, fitCostModel, isAccepted } from '../model/cost-model.js';
import {
  highestFdOf,
  meanBeforeReady,
  TERMS,
  type Timeout,
  type Turn,
  USUAL_WAKES_PER_SECOND,
} from '../model/terms.js';
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
  readonly wakes?: string;
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
      accepted: isAccepted(model),
      poller,
      turn,
      costNs: cost,
      shares,
      heldOut,
      extrapolated: band,
    };
    process.stdout.write(`${JSON.stringify(prediction, null, 1)}\n`);
    return;
  }
  const lines = [
    ...(isAccepted(model) ? [] : [refusal(model)]),
    `${inNs(cost.value)} ns [${inNs(cost.low)}, ${inNs(cost.high)}]`,
    `one turn of ${poller}: ${turn.watched} watched, ${turn.ready} ready, ${TIMEOUTS[turn.timeout]}` +
      (turn.timeout === 'slept' ? `, ${turn.wakesPerSecond} times a second` : '') +
      (turn.churn > 0 ? `, ${options.churn} registrations replaced per 100 turns` : ''),
    `paid for: ${payments(model, turn, cost)}`,
    `model of run ${run.id}: ${isAccepted(model) ? 'accepted' : 'refused'}; on what was held out (${model.heldOut.what}) it missed ` +
      `by ${errorsOf(model.heldOut)}`,
    ...(band === null ? [] : [extrapolation(band)]),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

const errorsOf = ({
  medianError,
  p90Error,
}: Pick<CostModel['heldOut'], 'medianError' | 'p90Error'>): string =>
  `${percent(medianError)} (median) and ${percent(p90Error)} (90th percentile)`;

/** Comes before any figure: who reads one line must not take it for an answer. */
const refusal = ({ poller, heldOut }: CostModel): string =>
  `refused, do not rely on it: the model of ${poller} missed what was held out by ${errorsOf(heldOut)}; ` +
  `accepted are ${errorsOf(ACCEPTED)}`;

function turnOf({ watched, ready, churn = '0', timeout = 'finite', wakes }: PredictOptions): Turn {
  const [count, active] = [wholeNumber('--watched', watched, 1, 1e7), wholeNumber('--ready', ready, 0)];
  if (active > count) throw new UsageError(`--ready ${active} is more than --watched ${count}`);
  const [known = 'finite'] = pick(
    'timeout',
    [timeout],
    new Map(Object.keys(TIMEOUTS).map((name) => [name, name as Timeout])),
  );
  if (known === 'slept' && active === 0)
    throw new UsageError('--timeout slept needs --ready 1 or more: something ends the sleep');
  if (known !== 'slept' && wakes !== undefined)
    throw new UsageError('--wakes goes with --timeout slept: nothing else is woken');
  return {
    watched: count,
    ready: active,
    churn: wholeNumber('--churn', churn, 0) / 100,
    timeout: known,
    beforeReady: meanBeforeReady(count, active),
    highestFd: highestFdOf(count),
    wakesPerSecond:
      known === 'slept' ? wholeNumber('--wakes', wakes ?? String(USUAL_WAKES_PER_SECOND), 1, 1e6) : 0,
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
  'extrapolated: no hot cell of that run has as many fds watched, ready and replaced, or sleeps at such a rate; ' +
  (coldNs === null
    ? 'how cold caches would change it was not measured in this run'
    : `between ${inNs(hotNs)} ns with hot and ${inNs(coldNs)} ns with cold caches`);

const inNs = (ns: number): string => ns.toFixed(ns < 10 ? 1 : 0);
const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;

import type { PollerName } from '../../pollers/manifest.js';
import { whyShared } from '../collectors/unshare.js';
import type { TurnSeries } from '../processes/batch/protocol.js';
import type { SocketKind } from '../processes/control/messages.js';
import { type Child, startProbe, startWaker } from '../processes/control/parent.js';
import {
  type FdNumbers,
  type PollerFacts,
  type ProbeProtocol,
  type TurnConditions,
  USUAL_CONDITIONS,
} from '../processes/turn-probe/protocol.js';
import type { Warning } from '../results/run-schema.js';
import { openBatchSession, type PoolSetting, START_DEADLINE_MS } from './batch-session.js';
import type { Experiment, ExperimentPlan, LaunchPlan, PlanContext, Session, Visit } from './experiment.js';
import { secondsOf } from './turn-seconds.js';

/** Experiments that measure turns in the turn probe differ in their points only. */

/** One set of conditions for every poller. */
export interface TurnPoint extends TurnConditions {
  readonly socket: SocketKind;
  /** Measured by two closures of the same code as well: what they differ by is noise. */
  readonly again?: boolean;
  /** Measured in so many of the launches, the first ones; absent: in all. For what is far from any limit. */
  readonly launches?: number;
}

/** The factors that most of them have, in the order of the design's table. */
export const TURN_FACTORS = [
  'watched',
  'ready',
  'position',
  'timeout',
  'wakesPerSecond',
  'temperature',
  'fileTable',
  'socket',
] as const;

/** Those of experiments in which readiness is consumed, registrations are replaced or pollers are made. */
export const LIFE_FACTORS = [...TURN_FACTORS, 'life', 'churnPer100', 'instance'] as const;

export interface TurnDesign {
  readonly id: string;
  readonly points: readonly TurnPoint[];
  /** Names and order of the factors in the cells. */
  readonly factors: readonly (keyof TurnPoint)[];
  /** The pollers that the question is about; absent: all that are asked for. */
  readonly pollers?: readonly PollerName[];
  readonly launches: number;
  readonly rounds: number;
  readonly warnings: readonly Warning[];
}

export interface TurnSetting extends PoolSetting {
  readonly waker: boolean;
  readonly cpus: PlanContext['cpus'];
}

/** Visits that one process makes; those that sleep need no calibration. */
interface Group {
  readonly setting: TurnSetting;
  readonly visits: readonly number[];
  readonly seconds: number;
  readonly calibratedSeconds: number;
}

/** Cells for every poller at every point, and launches for each kind of socket among them. */
export function planTurns(
  design: TurnDesign,
  context: PlanContext,
): ExperimentPlan<TurnConditions, TurnSetting> {
  const visits: Visit<TurnConditions>[] = [];
  const groupsOf = Array.from({ length: design.launches }, () => new Map<string, Group>());
  for (const point of design.points) {
    for (const poller of context.pollers.filter((name) => design.pollers?.includes(name) ?? true)) {
      const facts = context.probe.pollers[poller];
      if (!facts) continue;
      const visit: Visit<TurnConditions> = {
        poller,
        factors: factorsOf(point, design.factors),
        conditions: conditionsOf(point),
        series: seriesOf(point, facts, context),
      };
      const index = visits.push(visit) - 1;
      if (visit.series.every(({ skip }) => skip !== undefined)) continue;
      const seconds = secondsOf(point, facts, visit.series.length);
      for (const groups of groupsOf.slice(0, point.launches)) {
        const group = groups.get(point.socket) ?? {
          setting: settingOf(point, context),
          visits: [],
          seconds: 0,
          calibratedSeconds: 0,
        };
        groups.set(point.socket, {
          setting: enlarged(group.setting, point, context.probe),
          visits: [...group.visits, index],
          seconds: group.seconds + seconds,
          calibratedSeconds: group.calibratedSeconds + (point.timeout === 'slept' ? 0 : seconds),
        });
      }
    }
  }
  const launches: LaunchPlan<TurnSetting>[] = [];
  for (const [launch, groups] of groupsOf.entries()) {
    for (const { setting, visits: chosen, seconds, calibratedSeconds } of groups.values()) {
      launches.push({
        rounds: design.rounds,
        visits: chosen,
        setting,
        secondsPerRound: seconds,
        secondsToStart: 0.5 + setting.poolSize * 3e-5 + calibratedSeconds * (launch === 0 ? 0.9 : 0.25),
      });
    }
  }
  return { id: design.id, visits, launches, warnings: design.warnings };
}

const factorsOf = (point: TurnPoint, names: TurnDesign['factors']) => {
  const factors = { ...USUAL_CONDITIONS, ...point };
  return Object.fromEntries(names.map((name) => [name, factors[name] as string | number]));
};

function conditionsOf({
  socket: _socket,
  again: _again,
  launches: _launches,
  ...conditions
}: TurnPoint): TurnConditions {
  return conditions;
}

const settingOf = (point: TurnPoint, { cpus }: PlanContext): TurnSetting => ({
  socket: point.socket,
  poolSize: 1,
  waker: false,
  cpus,
});

const enlarged = (
  setting: TurnSetting,
  point: TurnPoint,
  { numbers }: PlanContext['probe'],
): TurnSetting => ({
  ...setting,
  poolSize: Math.max(setting.poolSize, poolSizeFor(point, numbers)),
  waker: setting.waker || point.timeout === 'slept',
});

/** A single fd is moved to its number; several that end at one are a stretch of the pool. */
export const poolSizeFor = (
  { watched, highestFd }: Pick<TurnPoint, 'watched' | 'highestFd'>,
  { first }: FdNumbers,
) => (highestFd === undefined || watched === 1 ? watched : highestFd - first + 1);

function seriesOf(point: TurnPoint, facts: PollerFacts, { probe }: PlanContext): Visit['series'] {
  const skip = reasonToSkip(point, facts, probe);
  const named = (name: TurnSeries, reason = skip) =>
    reason === undefined ? { name } : { name, skip: reason };
  const series = [named('pollcost')];
  if (point.again) series.push(named('pollcost-again'));
  if (point.timeout !== 'slept') series.push(named('c-twin', skip ?? reasonForNoTwin(facts, probe)));
  return series;
}

/** Net figures come from a turn that C makes, on the memory of a poller that says how. */
function reasonForNoTwin({ call }: PollerFacts, { twin }: PlanContext['probe']): string | undefined {
  if (call === null) return 'its wait is not described in a form that C could make';
  return twin.ok ? undefined : twin.reason;
}

/** Why there can be no such cell, if there cannot. */
function reasonToSkip(
  { highestFd, watched, ready, timeout, life = 'standing', fileTable, socket }: TurnPoint,
  { maxFd, blocks, trigger }: PollerFacts,
  probe: PlanContext['probe'],
): string | undefined {
  const highest = highestFd ?? probe.numbers.first + watched - 1;
  if (highest > maxFd) {
    const most = `: with Node's own, at most ${maxFd - probe.numbers.first + 1} fds`;
    return `fd ${highest} is above ${maxFd}, the highest that fits${highestFd === undefined ? most : ''}`;
  }
  const lowest = highest - watched + 1;
  if (lowest < probe.numbers.first) {
    return `fd ${lowest} is not free: what Node loads holds fds up to ${probe.numbers.first - 1}, or may come to`;
  }
  if ((socket === 'tcp' || timeout === 'slept') && !probe.loopback.ok) return probe.loopback.reason;
  if (timeout === 'slept' && !blocks) return 'a poller that never blocks cannot sleep';
  if (timeout !== 'slept' && life === 'standing' && ready > 0 && trigger === 'edge') {
    return 'readiness that is left standing is reported only once to an edge-triggered poller';
  }
  if (fileTable === 'private' && !probe.unshare.ok) {
    return whyShared(probe.unshare.reason);
  }
  return undefined;
}

/** Opens the session of a launch; `start` starts its probe. */
export async function openTurnSession(
  launch: LaunchPlan<TurnSetting>,
  plan: ExperimentPlan<TurnConditions, TurnSetting>,
  start: () => Child<ProbeProtocol> = startProbe,
): Promise<Session> {
  const { waker, cpus } = launch.setting;
  const probe = start();
  const helpers: Child<object>[] = [];
  try {
    const twin = launch.visits.some((index) =>
      plan.visits[index]?.series.some(({ name, skip }) => name === 'c-twin' && skip === undefined),
    );
    const ask = { cpu: cpus?.subject ?? null, fileTable: 'private', twin } as const;
    await probe.request('start', ask, START_DEADLINE_MS);
    if (waker) helpers.push(await connectWaker(probe, cpus?.load ?? null));
    return await openBatchSession(probe, launch, plan, helpers);
  } catch (error) {
    for (const child of [probe, ...helpers]) child.kill();
    throw error;
  }
}

async function connectWaker(probe: Child<ProbeProtocol>, cpu: number | null): Promise<Child<object>> {
  const { port } = await probe.request('listenForWaker', {}, START_DEADLINE_MS);
  const waker = startWaker(port, cpu);
  try {
    await probe.request('acceptWaker', {}, START_DEADLINE_MS);
    return waker;
  } catch (error) {
    waker.kill();
    throw error;
  }
}

/** An experiment with turns. */
export type TurnExperiment = Experiment<TurnConditions, TurnSetting>;

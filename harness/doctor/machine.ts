import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { harnessPoller, pollersHere } from '../../pollers/manifest.js';
import type { ClaimDefinition } from '../claims/claim.js';
import { allowedCpus } from '../collectors/environment.js';
import { hardFdLimit } from '../collectors/rights.js';
import { roomForThreads } from '../collectors/room.js';
import { type User, whoAsks } from '../collectors/user.js';
import type { Experiment } from '../experiments/experiment.js';
import type { Available } from '../processes/control/messages.js';
import { startProbe, startServer } from '../processes/control/parent.js';
import type { ProbeFacts } from '../processes/turn-probe/protocol.js';
import { chooseCpus } from '../run/plan-context.js';
import { readSpeeds, type SpeedReadings } from '../run/speeds.js';

/** What several checks ask about the machine; what only one of them asks, that one reads itself. */
export interface Machine extends User {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly node: string;
  /** The oldest Node that will do, as major and minor. */
  readonly oldestNode: string;
  /** The CPUs that subjects may run on, in ascending order. */
  readonly cpus: readonly number[];
  /** Whether the program of `bench` can be loaded. */
  readonly bench: Available<object>;
  /** What a turn probe found out about the place where it runs. */
  readonly probe: Available<{ readonly facts: ProbeFacts }>;
  /** Whether a server of the kind that is measured starts. */
  readonly server: Available<object>;
  /** How fast the subject's CPU is, over some seconds. */
  readonly speeds: Available<SpeedReadings>;
  readonly experiments: readonly Experiment[];
  readonly claims: readonly ClaimDefinition[];
}

/** So long the CPU's speeds are looked at: neighbours come and go within a second. */
export const SECONDS_OF_SPEEDS = 2;

/** Tries whether the module of `bench` loads and starts one turn probe, as `bench` does; leaves nothing behind. */
export async function lookAround(bench: URL, secondsOfSpeeds = SECONDS_OF_SPEEDS): Promise<Machine> {
  const { experiments } = await import('../experiments/registry.js');
  const { claims } = await import('../claims/registry.js');
  const cpus = allowedCpus();
  const obstacle = obstacleToChildren();
  const [loaded, probe] = obstacle ? [obstacle, obstacle] : await Promise.all([loads(bench), factsOf(cpus)]);
  // After the probe: beside it there would have to be fds, and processes, for both.
  const server = obstacle ?? notLinux() ?? (await rehearseServer());
  const speeds = obstacle ?? notLinux() ?? (await lookAtSpeeds(cpus, secondsOfSpeeds));
  return {
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
    oldestNode: oldestNode(),
    ...whoAsks(),
    cpus,
    bench: loaded,
    probe,
    server,
    speeds,
    experiments,
    claims,
  };
}

type Unavailable = Extract<Available<object>, { ok: false }>;

const notLinux = (): Unavailable | null =>
  process.platform === 'linux' ? null : { ok: false, reason: 'this is not Linux' };

/** Pipes to two child processes. */
const FDS_FOR_CHILDREN = 16;

/** Node's own, V8's and libuv's. A Node that gets but some of them may wait for the others for ever. */
export const THREADS_OF_A_CHILD = 12;

/** Why no child process should be started here, where that is so. */
function obstacleToChildren(): Unavailable | null {
  if (pollersHere.length === 0) return notLinux();
  const limit = hardFdLimit('self');
  if (limit !== null && limit - readdirSync('/proc/self/fd').length < FDS_FOR_CHILDREN)
    return { ok: false, reason: `EMFILE: ${limit} fds leave too few for a child process` };
  const room = roomForThreads();
  if (room !== null && room.left < THREADS_OF_A_CHILD)
    return {
      ok: false,
      reason: `EAGAIN: room for ${room.left} more threads (${room.limit}) is too little for a child process`,
    };
  return null;
}

const PROBE_DEADLINE_MS = 30_000;

async function factsOf(cpus: readonly number[]): Promise<Machine['probe']> {
  try {
    const child = startProbe();
    try {
      const cpu = chooseCpus(cpus)?.subject ?? null;
      const facts = await child.request(
        'start',
        { cpu, fileTable: 'private', twin: true },
        PROBE_DEADLINE_MS,
      );
      return { ok: true, facts };
    } finally {
      await child.end();
    }
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

async function lookAtSpeeds(cpus: readonly number[], seconds: number): Promise<Machine['speeds']> {
  try {
    return { ok: true, ...(await readSpeeds(chooseCpus(cpus), seconds)) };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

/** Starts the server that most experiments on servers measure, and ends it. */
async function rehearseServer(): Promise<Available<object>> {
  const child = startServer();
  try {
    const ask = { poller: harnessPoller, app: 'http', host: '127.0.0.1', port: 0, cpu: null } as const;
    await child.request('start', { ...ask, fileTable: 'private' }, PROBE_DEADLINE_MS);
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  } finally {
    await child.end();
  }
}

/** Several times what all of the program opens at once. */
const FDS_TO_LOAD = 2048;

async function loads(module: URL): Promise<Available<object>> {
  if ((hardFdLimit('self') ?? 0) < FDS_TO_LOAD) return loadsAlone(module);
  try {
    await import(module.href);
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

/** In a process of its own: a module that runs out of fds halfway leaves none to its process for a while. */
async function loadsAlone(module: URL): Promise<Available<object>> {
  const script =
    'import(process.argv[1]).catch((error) => { console.log(error.message); process.exitCode = 1; })';
  try {
    await promisify(execFile)(process.execPath, ['-e', script, module.href]);
    return { ok: true };
  } catch (error) {
    const { stdout, message } = error as { stdout?: string; message: string };
    return { ok: false, reason: reasonOf(new Error(stdout || message)) };
  }
}

/** Whatever stops the probe or bench is what the user wants to know, without the paths of this installation. */
const reasonOf = (error: unknown): string => {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.replace(/^(turn probe|server|speeds): /, '').replace(/ (imported from )?'?\/.*$/, '');
};

function oldestNode(): string {
  const file = new URL('../../../package.json', import.meta.url);
  const { engines } = JSON.parse(readFileSync(file, 'utf8')) as { engines: { node: string } };
  return engines.node.replace(/^>=/, '');
}

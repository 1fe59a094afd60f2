import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Duplex, PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { OWN_POLLERS_VARIABLE } from '../../../pollers/manifest.js';
import type { AcceptHerdProtocol } from '../accept-herd/protocol.js';
import type { AcceptorProtocol } from '../acceptor/protocol.js';
import type { ActiveProtocol } from '../active/protocol.js';
import type { CascadeProtocol } from '../cascade/protocol.js';
import type { ChurnProtocol } from '../churn/protocol.js';
import type { ClosedLoopProtocol } from '../closed-loop/protocol.js';
import type { ContractProtocol } from '../contract/protocol.js';
import type { HerdProtocol } from '../herd/protocol.js';
import type { KeeperProtocol } from '../keeper/protocol.js';
import type { MemoryProtocol } from '../memory-probe/protocol.js';
import type { LibeventProtocol } from '../references/libevent/protocol.js';
import type { RegistrationsProtocol } from '../registrations/protocol.js';
import type { SentinelTrialProtocol } from '../sentinel-trial/protocol.js';
import type { ServerProtocol } from '../server/protocol.js';
import type { SoakProtocol } from '../soak-load/protocol.js';
import type { SpeedsProtocol } from '../speeds/protocol.js';
import type { ProbeProtocol } from '../turn-probe/protocol.js';
import { CONTROL_FD, LineSplitter, type Protocol, type Reply } from './messages.js';
import { SharedFile } from './shared-file.js';

/** A child that died, went silent past its deadline, or refused a request. Fails one trial, not the run. */
export class ChildFailure extends Error {
  override readonly name = 'ChildFailure';
  /** What the child said, without who it is, and the name of its error, where it has told. */
  readonly refusal: { readonly kind: string; readonly message: string } | null;

  constructor(message: string, refusal: ChildFailure['refusal'] = null) {
    super(message);
    this.refusal = refusal;
  }
}

interface Pending {
  resolve(answer: object): void;
  reject(error: Error): void;
}

const GRACE_MS = 2000;

/** Every child that is alive, so that the program can end them all when it is told to stop. */
const alive = new Set<Child<never>>();

/** Ends every child at once; for signal handlers. */
export function killAllChildren(): void {
  for (const child of alive) child.kill();
}

/** What children that are started from now on know of a user's own pollers: absolute paths of modules, by name. */
let ownPollers: Readonly<Record<string, string>> = {};

export function offerPollers(files: Readonly<Record<string, string>>): void {
  ownPollers = files;
}

const twinFile = new SharedFile();

/** What children are started by, before their own command. */
let startedBy: readonly string[] = [];

/** What `start` starts at once has all of its threads on this CPU, until it moves some. It takes util-linux's `taskset`. */
export function startOn<T>(cpu: number, start: () => T): T {
  startedBy = ['taskset', '--cpu-list', String(cpu)];
  try {
    return start();
  } finally {
    startedBy = [];
  }
}

/** A process of the harness, seen from its parent. */
export class Child<P extends Protocol<P>> {
  readonly #process: ChildProcess;
  readonly #control: Duplex;
  readonly #what: string;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<unknown>;
  #requests = 0;
  #end: string | null = null;

  /**
   * `interpreter`: what runs the main file, a command with its options; this Node unless given. `inherited`: fds that the child
   * has from CONTROL_FD + 1 on. `leads`: a session of its own, as a service does.
   */
  constructor(
    what: string,
    main: URL,
    args: readonly (string | number)[] = [],
    interpreter: readonly [string, ...string[]] = [process.execPath],
    inherited: readonly number[] = [],
    leads = false,
  ) {
    this.#what = what;
    const [command, ...options] = [...startedBy, ...interpreter] as [string, ...string[]];
    const all = [...options, fileURLToPath(main), process.pid, ...args].map(String);
    this.#process = spawn(command, all, {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe', ...inherited],
      env: { ...process.env, [OWN_POLLERS_VARIABLE]: JSON.stringify(ownPollers) },
      detached: leads,
    });
    // When nothing could be started there are no streams either, and 'error' says why.
    this.#process.on('error', (error) => this.#fail(`cannot be started: ${error.message}`));
    this.#process.stdout?.resume();
    this.#control = (this.#process.stdio?.[CONTROL_FD] as Duplex | undefined) ?? new PassThrough();
    const lines = new LineSplitter();
    this.#control.on('data', (piece: Buffer) => {
      for (const line of lines.push(piece)) this.#settle(line);
    });
    // The connection to a child that has just died fails (EPIPE, ECONNRESET): its exit says more.
    this.#control.on('error', () => {});
    this.#exited = once(this.#process, 'close').catch(() => {});
    this.#process.on('exit', (code, signal) => this.#fail(endedWith(code, signal)));
    alive.add(this as unknown as Child<never>);
  }

  /** Settles when the child has ended. */
  get exited(): Promise<unknown> {
    return this.#exited;
  }

  /** How it ended, or why it had to; null while it lives. */
  get ending(): string | null {
    return this.#end;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Sends a request and waits for its answer. A child that misses the deadline is killed. @throws ChildFailure */
  async request<K extends keyof P & string>(
    name: K,
    ask: P[K]['ask'],
    deadlineMs: number,
  ): Promise<P[K]['answer']> {
    if (this.#end) throw this.#failure(this.#end);
    const id = ++this.#requests;
    let deadline: NodeJS.Timeout | undefined;
    try {
      return await new Promise<object>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        deadline = setTimeout(() => {
          this.#fail(`did not answer '${name}' within ${(deadlineMs / 1000).toFixed(1)} s and was killed`);
          this.kill();
        }, deadlineMs);
        this.#control.write(`${JSON.stringify({ id, do: name, ...ask })}\n`);
      });
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Hangs up, waits for the child to end, and kills it if it does not. */
  async end(): Promise<void> {
    this.#control.end();
    const late = setTimeout(() => this.kill(), GRACE_MS);
    await this.#exited;
    clearTimeout(late);
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #settle(line: string): void {
    const { id, ok, error, kind, ...answer } = JSON.parse(line) as Reply & { error?: string; kind?: string };
    // Nobody asked: the child says why it is about to end.
    if (id === 0) this.#fail(error ?? 'ended without a reason');
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (ok) pending?.resolve(answer);
    else pending?.reject(this.#failure(error ?? 'failed without a reason', kind));
  }

  #fail(why: string): void {
    alive.delete(this as unknown as Child<never>);
    this.#end ??= why;
    for (const { reject } of this.#pending.values()) reject(this.#failure(this.#end));
    this.#pending.clear();
  }

  #failure(why: string, kind?: string): ChildFailure {
    return new ChildFailure(`${this.#what}: ${why}`, kind === undefined ? null : { kind, message: why });
  }
}

/** Node aborts where it gets no further thread, or no memory, and says which on stderr alone. */
function endedWith(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== 'SIGABRT') return `ended with ${signal ?? `code ${code}`}`;
  return "ended with SIGABRT, as Node does where a thread or memory is refused: 'pollcost doctor' shows both limits";
}

const main = (folder: string) => new URL(`../${folder}/main.js`, import.meta.url);

/** Its C twin is compiled once in the life of this process, by the first of them that is asked for it. */
export function startProbe(): Child<ProbeProtocol> {
  const { fd } = twinFile;
  if (fd === null) return new Child('turn probe', main('turn-probe'));
  return new Child('turn probe', main('turn-probe'), [CONTROL_FD + 1], undefined, [fd]);
}

export const startMemoryProbe = (): Child<MemoryProtocol> => new Child('memory probe', main('memory-probe'));

/** A process that writes to a probe's port as the probe tells it; on this CPU, or any. It ends with the connection. */
export const startPinger = (port: number, cpu: number | null): Child<object> =>
  new Child('pinger', main('pinger'), [port, cpu ?? -1]);

const SERVERS = {
  server: 'server',
  'references/node-http': 'node:http server',
  'references/node-net': 'node:net server',
} as const;

/** A server on our own loop, or one that it is compared with; `references.ts` knows what those can do. */
export const startServer = (which: keyof typeof SERVERS = 'server'): Child<ServerProtocol> =>
  new Child(SERVERS[which], main(which), [], undefined, [], true);

/** A reference server in Python, run by this interpreter. It leaves no compiled files in the program's folder. */
export const startPythonServer = (which: 'tornado' | 'twisted', python: string): Child<ServerProtocol> =>
  new Child(
    `${which} server`,
    new URL(`../references/${which}/main.py`, import.meta.url),
    [],
    [python, '-B'],
    [],
    true,
  );

export const startClosedLoop = (): Child<ClosedLoopProtocol> => new Child('closed loop', main('closed-loop'));

/** Connections that are held and beat in open loop. */
export const startHerd = (): Child<HerdProtocol> => new Child('herd', main('herd'));

/** autocannon. */
export const startActive = (): Child<ActiveProtocol> => new Child('autocannon', main('active'));
export const startCascade = (): Child<CascadeProtocol> => new Child('cascade', main('cascade'));

/** What connects to several processes that accept on one port. */
export const startAcceptHerd = (): Child<AcceptHerdProtocol> => new Child('accept herd', main('accept-herd'));

/** One of these processes, with the listener that they share. */
export const startAcceptor = (listener: number): Child<AcceptorProtocol> =>
  new Child('acceptor', main('acceptor'), [], undefined, [listener]);

export const startChurn = (): Child<ChurnProtocol> => new Child('churn', main('churn'));

/** What holds a user's own poller to the contract. */
export const startContract = (): Child<ContractProtocol> => new Child('contract', main('contract'));

/** What runs libevent for comparison. */
export const startLibevent = (): Child<LibeventProtocol> =>
  new Child('libevent', main('references/libevent'));

/** A turn probe that reads several sentinels. */
export const startSentinelTrial = (): Child<SentinelTrialProtocol> =>
  new Child('sentinel trial', main('sentinel-trial'));
/** What reads how fast a CPU is, or keeps one busy. */
export const startSpeeds = (): Child<SpeedsProtocol> => new Child('speeds', main('speeds'));
/** What registers and unregisters a million times. */
export const startRegistrations = (): Child<RegistrationsProtocol> =>
  new Child('registrations', main('registrations'));
export const startSoakLoad = (): Child<SoakProtocol> => new Child('soak load', main('soak-load'));

/** A program of the user's, that ends with us. */
export const startKeeper = (): Child<KeeperProtocol> => new Child('server', main('keeper'));

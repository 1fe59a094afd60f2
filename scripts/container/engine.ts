import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** Why there can be no container here; no failure. */
export class NoEngine extends Error {
  override readonly name = 'NoEngine';
}

const PACKAGES = { dockerd: 'docker.io', docker: 'docker.io', debootstrap: 'debootstrap' } as const;
const START_DEADLINE_MS = 30_000;
const END_DEADLINE_MS = 20_000;
const COMMAND_DEADLINE_MS = 600_000;

const has = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

/** Has an engine and what makes a base image, from Debian where they are not there. @throws NoEngine */
export function requirePrograms(): void {
  if (process.platform !== 'linux') throw new NoEngine('this is not Linux');
  if (process.getuid?.() !== 0) throw new NoEngine('only root can start an engine of its own');
  const missing = (Object.keys(PACKAGES) as (keyof typeof PACKAGES)[]).filter((name) => !has(name));
  if (missing.length === 0) return;
  if (!has('apt-get')) throw new NoEngine(`there is no ${missing.join(', ')}, and no apt-get to install it`);
  const packages = [...new Set(missing.map((name) => PACKAGES[name]))];
  const install = `apt-get update -qq && apt-get install -y -qq --no-install-recommends ${packages.join(' ')}`;
  const { status, stderr } = spawnSync('sh', ['-c', install], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: COMMAND_DEADLINE_MS,
  });
  if (status !== 0) throw new NoEngine(`${packages.join(' and ')} cannot be installed: ${lastLine(stderr)}`);
}

/** An engine that nobody else uses: its own data, socket and pid file, no network and no rules of a firewall. */
export class Engine {
  /** Null: it is somebody else's. */
  readonly #daemon: ChildProcess | null;
  readonly #env: NodeJS.ProcessEnv;
  readonly #folder: string;

  private constructor(daemon: ChildProcess | null, host: string, folder = '') {
    this.#folder = folder;
    this.#daemon = daemon;
    // BuildKit wants a network for each step.
    this.#env = { ...process.env, DOCKER_HOST: host, DOCKER_BUILDKIT: '0' };
  }

  static at(host: string): Engine {
    return new Engine(null, host);
  }

  /** @throws NoEngine with its last words */
  static async start(folder: string): Promise<Engine> {
    const first = await Engine.#tried(folder, []);
    if (first instanceof Engine) return first;
    const second = await Engine.#tried(folder, ['--storage-driver', 'vfs']);
    if (second instanceof Engine) return second;
    throw new NoEngine(`dockerd does not start: ${second}`);
  }

  static async #tried(folder: string, options: readonly string[]): Promise<Engine | string> {
    mkdirSync(folder, { recursive: true });
    const at = (name: string) => join(folder, name);
    const host = `unix://${at('socket')}`;
    const log = openSync(at('log'), 'w');
    const own = [
      '--data-root',
      at('data'),
      '--exec-root',
      at('exec'),
      '--pidfile',
      at('pid'),
      '--host',
      host,
    ];
    const alone = ['--bridge', 'none', '--iptables=false', '--ip-forward=false'];
    const daemon = spawn('dockerd', [...own, ...alone, ...options], { stdio: ['ignore', log, log] });
    closeSync(log);
    const engine = new Engine(daemon, host, folder);
    const endMs = performance.now() + START_DEADLINE_MS;
    while (daemon.exitCode === null && performance.now() < endMs) {
      if (existsSync(at('socket')) && engine.try(['info']).status === 0) return engine;
      await sleep(100);
    }
    await engine.stop();
    return lastLine(readFileSync(at('log'), 'utf8'));
  }

  try(args: readonly string[]) {
    return spawnSync('docker', args, {
      encoding: 'utf8',
      env: this.#env,
      timeout: COMMAND_DEADLINE_MS,
      maxBuffer: 2 ** 28,
    });
  }

  /** docker-compose's own program, in the folder of a compose file. */
  compose(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
    return spawnSync('docker-compose', args, {
      cwd,
      encoding: 'utf8',
      env: { ...this.#env, ...env },
      timeout: COMMAND_DEADLINE_MS,
    });
  }

  /** A command that reads a stream. */
  async load(args: readonly string[], input: Readable): Promise<void> {
    const child = spawn('docker', args, { env: this.#env, stdio: ['pipe', 'ignore', 'inherit'] });
    const ended = once(child, 'exit');
    input.pipe(child.stdin);
    const [code] = await ended;
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: exit code ${code}`);
  }

  /** @throws Error with what it printed, unless its exit code is this one */
  docker(args: readonly string[], exitCode = 0) {
    const { status, stdout, stderr, error } = this.try(args);
    if (error) throw error;
    if (status === exitCode) return { stdout, stderr };
    throw new Error(`docker ${args.join(' ')}: exit code ${status}\n${stdout}${stderr}`);
  }

  /** Ends it, unless it is somebody else's, with what it mounted. */
  async stop(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === null) return;
    if (daemon.exitCode === null && daemon.signalCode === null) {
      const ended = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      const timer = setTimeout(() => daemon.kill('SIGKILL'), END_DEADLINE_MS);
      await ended;
      clearTimeout(timer);
    }
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '');
    for (const mount of mounts.reverse()) {
      if (mount.startsWith(`${this.#folder}/`)) spawnSync('umount', [mount]);
    }
  }
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? 'no message';

import { fstatSync } from 'node:fs';
import { pollerNames } from '../../pollers/names.js';
import { APPS, type AppName } from '../processes/control/messages.js';
import { startServer } from '../processes/control/parent.js';
import { requireLinux } from './bench-request.js';
import { pick, UsageError, wholeNumber } from './usage.js';

export interface ServeOptions {
  readonly poller: string;
  readonly app: string;
  readonly port?: string;
  readonly host?: string;
}

const START_DEADLINE_MS = 30_000;

/** Runs one server until a signal ends this process, or the end of its stdin where that is a pipe or a socket. */
export async function serve({ poller, app, port = '0', host = '127.0.0.1' }: ServeOptions): Promise<void> {
  requireLinux();
  const [name = 'epoll'] = pick(
    'poller',
    [poller],
    new Map(pollerNames.map((known) => [known as string, known])),
  );
  const [chosen = 'fixed'] = pick(
    'app',
    [app],
    new Map(Object.keys(APPS).map((known) => [known, known as AppName])),
  );
  const number = wholeNumber('--port', port, 0, 65_535);
  const server = startServer();
  try {
    const ask = { poller: name, app: chosen, host, port: number, cpu: null, fileTable: 'private' } as const;
    const { port: listening } = await server.request('start', ask, START_DEADLINE_MS);
    if (!/^127\.|^localhost$/.test(host)) {
      process.stderr.write(
        `warning: ${host} may be reached from other machines, and this server trusts everybody\n`,
      );
    }
    process.stdout.write(`listening on ${host}:${listening}\n`);
  } catch (error) {
    server.kill();
    throw cannotListen(error);
  }
  // The kernel ends the child when a signal ends this process.
  if (isPipeOrSocket(0)) process.stdin.resume().once('end', () => void server.end());
  await server.exited;
}

const cannotListen = (error: unknown): unknown =>
  error instanceof Error && /cannot listen|is not an IPv4 address/.test(error.message)
    ? new UsageError(error.message.replace(/^server: /, ''))
    : error;

function isPipeOrSocket(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFIFO() || stat.isSocket();
}

import { fstatSync } from 'node:fs';
import { isIPv4, Socket } from 'node:net';
import { ChildFailure, offerPollers, startServer } from '../processes/control/parent.js';
import { APPS, type AppName } from '../processes/server/protocol.js';
import { requireLoads } from '../run/own-pollers.js';
import { pollerIn } from './poller-option.js';
import { requireLinux } from './system.js';
import { pick, UsageError, wholeNumber } from './usage.js';

export interface ServeOptions {
  readonly poller: string;
  readonly app: string;
  readonly port?: string;
  readonly host?: string;
  readonly processes?: string;
}

const START_DEADLINE_MS = 30_000;
const MOST_PROCESSES = 256;

/** A server that ended of itself. Exit code 1. */
class ServerFailure extends Error {
  override readonly name = 'ServerFailure';
}

/**
 * Runs one server, of one or several processes, until a signal ends this process, or the end of its stdin where that is a
 * pipe or a socket. @throws ServerFailure when it ends before
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { poller, app, port = '0', host = '127.0.0.1', processes = '1' } = options;
  requireLinux('serve');
  const { name, own } = pollerIn('--poller', poller);
  const [chosen = 'fixed'] = pick(
    'app',
    [app],
    new Map(Object.keys(APPS).map((known) => [known, known as AppName])),
  );
  const number = wholeNumber('--port', port, 0, 65_535);
  const several = wholeNumber('--processes', processes, 0, MOST_PROCESSES);
  if (!isIPv4(host))
    throw new UsageError(`--host takes an address; ${host} is not an IPv4 address in dotted form`);
  for (const file of Object.values(own)) await requireLoads(file);
  offerPollers(own);
  const server = startServer();
  try {
    const ask = {
      poller: name,
      app: chosen,
      host,
      port: number,
      cpu: null,
      fileTable: 'private',
      processes: several,
    } as const;
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
  let hasHungUp = false;
  const hangUp = () => {
    hasHungUp = true;
    void server.end();
  };
  whenStdinEnds(hangUp);
  await server.exited;
  if (!hasHungUp) throw new ServerFailure(`server: ${server.ending}`);
}

/** An address that cannot be had is the user's to change. */
function cannotListen(error: unknown): unknown {
  const refusal = error instanceof ChildFailure ? error.refusal : null;
  return refusal?.kind === 'ListenError' ? new UsageError(refusal.message) : error;
}

/** Where stdin is a pipe or a connection, and can be read: nobody else's end says anything. */
function whenStdinEnds(end: () => void): void {
  const stat = fstatSync(0);
  if (!stat.isFIFO() && !stat.isSocket()) return;
  // For what it cannot read, a datagram socket for one, Node has a stream that is over at once.
  if (!(process.stdin instanceof Socket)) return;
  process.stdin.on('error', (error: NodeJS.ErrnoException) => {
    // Also a connection that is reset was one; what was never connected does not end.
    if (error.code === 'ECONNRESET') end();
  });
  process.stdin.resume().once('end', end);
}

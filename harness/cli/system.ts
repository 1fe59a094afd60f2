import { pollersHere } from '../../pollers/manifest.js';
import { UsageError } from './usage.js';

/** Where commands run. */

/** @throws UsageError where no poller runs */
export function requireSystem(): void {
  if (pollersHere.length > 0) return;
  throw new UsageError(
    `bench measures select, poll, epoll and kqueue and this is ${process.platform}; run it on Linux or in a container ` +
      '(list and report work here)',
  );
}

/** @throws UsageError elsewhere: the command starts what only Linux has */
export function requireLinux(command: string): void {
  if (process.platform === 'linux') return;
  const others = pollersHere.length > 0 ? 'bench, list and report' : 'list and report';
  throw new UsageError(
    `${command} needs Linux and this is ${process.platform}; run it on Linux or in a container (${others} work here)`,
  );
}

import { type PollerName, pollerOf } from '../../../pollers/manifest.js';
import type { Available, FileTable } from '../control/messages.js';
import { type Child, startPythonServer, startServer } from '../control/parent.js';
import type { AppName, ServerProtocol } from '../server/protocol.js';
import { findPython, type PythonModule } from './python/find.js';

export type { PythonModule };

/** The servers that ours is compared with, by the name of their series. */

export type ReferenceName = 'node:http' | 'node:net' | 'tornado' | 'twisted';

export interface Reference {
  /** Under `http` only what matters to a client is the same as ours: status, type and body. */
  readonly apps: readonly (AppName | 'http')[];
  /** Those that stand for the system calls that it can wait with. CPython's select, like ours, takes no fd beyond FD_SETSIZE. */
  readonly pollers: readonly PollerName[];
  readonly fileTables: readonly FileTable[];
  /** Whether it can be started here, which is tried once. */
  available(): Available<{ readonly version: string; start(): Child<ServerProtocol> }>;
}

const inNode = (which: 'references/node-http' | 'references/node-net', app: 'http' | 'fixed'): Reference => ({
  apps: [app],
  pollers: [pollerOf('epoll')],
  fileTables: ['shared'],
  available: () => ({ ok: true, version: process.versions.node, start: () => startServer(which) }),
});

const inPython = (module: PythonModule): Reference => ({
  apps: ['fixed', 'http'],
  pollers: [pollerOf('select'), pollerOf('poll'), pollerOf('epoll')],
  fileTables: ['private', 'shared'],
  available() {
    const found = findPython(module);
    return found.ok ? { ...found, start: () => startPythonServer(module, found.python) } : found;
  },
});

export const references: Readonly<Record<ReferenceName, Reference>> = {
  'node:http': inNode('references/node-http', 'http'),
  'node:net': inNode('references/node-net', 'fixed'),
  tornado: inPython('tornado'),
  twisted: inPython('twisted'),
};

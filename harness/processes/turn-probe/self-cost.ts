import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { threadCpuNs } from '../../../pollers/libc/clock.js';
import { read, write } from '../../../pollers/libc/files.js';
import type { PollerName } from '../../../pollers/manifest.js';
import { READ } from '../../../pollers/poller.js';
import type { Pool } from '../batch/pool.js';
import type { Means } from './batches.js';

/** What the harness itself costs, for `npm run bench:self`. */

/** Bytes on V8's heap after garbage collection, before and after so many turns with one fd ready. */
export function heapGrowth(
  { create, copies }: Means,
  pool: Pool,
  name: PollerName,
  watched: number,
  count: number,
): { before: number; after: number } {
  const collect = garbageCollector();
  const poller = create(name);
  for (let index = 0; index < watched; index++) poller.register(pool.fd(index), READ);
  write(pool.peer(watched - 1), pool.message.address, pool.messageBytes);
  const { turns } = copies(name, 'pollcost');
  turns(poller, 0, Math.ceil(count / 100));
  const before = collect();
  turns(poller, 0, count);
  const after = collect();
  read(pool.fd(watched - 1), pool.message.address, pool.messageBytes);
  poller.close();
  return { before, after };
}

function garbageCollector(): () => number {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  return () => {
    gc();
    gc();
    return process.memoryUsage().heapUsed;
  };
}

/** CPU ns of one register and one unregister, with `count` fds registered in between. */
export function registrationNs({ create }: Means, pool: Pool, name: PollerName, count: number): number {
  const poller = create(name);
  const pass = () => {
    for (let index = 0; index < count; index++) poller.register(pool.fd(index), READ);
    for (let index = 0; index < count; index++) poller.unregister(pool.fd(index));
  };
  pass();
  const before = threadCpuNs();
  pass();
  const ns = (threadCpuNs() - before) / count;
  poller.close();
  return ns;
}

/** Exact bytes of a poller's own buffers once it watches so many fds. */
export function userBytes({ create }: Means, pool: Pool, name: PollerName, watched: number): number {
  const poller = create(name);
  for (let index = 0; index < watched; index++) poller.register(pool.fd(index), READ);
  const bytes = poller.userBytes();
  poller.close();
  return bytes;
}

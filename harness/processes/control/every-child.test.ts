import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type ReferenceName, references } from '../references/references.js';
import {
  type Child,
  startAcceptHerd,
  startActive,
  startCascade,
  startChurn,
  startClosedLoop,
  startHerd,
  startKeeper,
  startLibevent,
  startMemoryProbe,
  startProbe,
  startServer,
  startSoakLoad,
} from './parent.js';

/** What every child does with what it is asked, whichever loop it has. */

const DEADLINE_MS = 60_000;

type Anything = Record<string, { ask: object; answer: object }>;

const reference = (name: ReferenceName) => (t: TestContext) => {
  const found = references[name].available();
  if (!found.ok) t.skip(found.reason);
  return found.ok ? found.start() : null;
};

const CHILDREN: Readonly<Record<string, (t: TestContext) => Child<never> | null>> = {
  'accept-herd': startAcceptHerd as never,
  active: startActive as never,
  cascade: startCascade as never,
  churn: startChurn as never,
  'closed-loop': startClosedLoop as never,
  herd: startHerd as never,
  keeper: startKeeper as never,
  libevent: startLibevent as never,
  'memory-probe': startMemoryProbe as never,
  'turn-probe': startProbe as never,
  server: (() => startServer()) as never,
  'soak-load': startSoakLoad as never,
  'node:http': reference('node:http') as never,
  'node:net': reference('node:net') as never,
  tornado: reference('tornado') as never,
  twisted: reference('twisted') as never,
};

for (const [name, start] of Object.entries(CHILDREN)) {
  test(`${name} refuses an unknown request at once, and goes on`, async (t) => {
    const child = start(t) as unknown as Child<Anything> | null;
    if (!child) return;
    t.after(() => child.end());
    for (const unknown of ['nonsense', 'toString', 'nonsense']) {
      await assert.rejects(
        child.request(unknown, {}, DEADLINE_MS),
        new RegExp(`unknown request '${unknown}'`),
      );
    }
    assert.equal(child.ending, null);
  });
}

test('a request that comes before the last one is answered is refused, and the last one is answered', async (t) => {
  const server = createServer((_request, response) => response.setHeader('Content-Length', 2).end('ok'));
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const load = startClosedLoop();
  t.after(() => load.end());
  const { port } = server.address() as AddressInfo;
  await load.request('connect', { port, connections: 2, cpu: null }, DEADLINE_MS);
  const running = load.request('run', { ms: 300 }, DEADLINE_MS);
  await assert.rejects(load.request('idle', { timers: 0, fds: 0 }, DEADLINE_MS), /'run', is not over/);
  assert.ok((await running).requests >= 2);
});

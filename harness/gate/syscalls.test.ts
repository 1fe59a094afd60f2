import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Plant, plantInto, plants } from './plants.js';
import { countSyscalls, whyNotCounted } from './syscalls.js';

const BUILT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const folder = mkdtempSync(join(tmpdir(), 'pollcost-plants-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const stop = new AbortController().signal;

async function callsOf(main: string, poller: string): Promise<number | undefined> {
  const figure = await countSyscalls(
    [process.execPath, main, 'serve', '--poller', poller, '--app', 'fixed'],
    poller,
    stop,
  );
  return figure?.readings[0]?.value;
}

test('a request costs three system calls, and one more where one is planted into every turn', async (t) => {
  const reason = whyNotCounted();
  if (reason !== null) return t.skip(reason);
  assert.equal(await callsOf(join(BUILT, 'harness/cli/main.js'), 'poll'), 3);
  const plant = plants.find(({ id }) => id === 'system-call') as Plant;
  const main = plantInto(BUILT, join(folder, 'planted'), plant, 1);
  assert.equal(await callsOf(main, 'epoll'), 4);
  assert.equal(await callsOf(main, 'poll'), 3);
});

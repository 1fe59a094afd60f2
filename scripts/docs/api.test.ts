import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { apiOf, ENTRIES, pageOf } from './api.js';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));
const api = apiOf(CHECKOUT);

test('the reference has every entry of the package that is code', () => {
  const { exports } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as {
    exports: Record<string, { types?: string }>;
  };
  const types = Object.values(exports).flatMap(({ types: path }) => (path ? [path] : []));
  assert.deepEqual(
    types.toSorted(),
    Object.values(ENTRIES)
      .map((path) => `./dist/${path}`)
      .toSorted(),
  );
});

test('it holds what the modules really export, and no name twice under one heading', async () => {
  const [main, results] = await Promise.all([
    import('../../harness/index.js'),
    import('../../harness/results/index.js'),
  ]);
  for (const [entry, module] of [
    ['pollcost', main],
    ['pollcost/results', results],
  ] as const) {
    const names = new Set(api[entry].exported.map(({ name }) => name));
    assert.deepEqual(
      Object.keys(module).filter((name) => !names.has(name)),
      [],
    );
    const headings = [...pageOf(entry, api[entry]).matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    assert.deepEqual(headings.length, new Set(headings).size);
  }
});

test('a class has its docstring, its members and theirs, and the seam says what it throws', () => {
  const page = pageOf('pollcost', api.pollcost);
  assert.match(
    page,
    /^## TCPServer\nTornado's TCPServer: override `handleStream`\.\n\n```ts\nexport declare class TCPServer \{/m,
  );
  assert.match(page, /handleStream\(_stream: IOStream\): void;/);
  const seam = pageOf('pollcost/poller', api['pollcost/poller']);
  assert.match(seam, /^The seam between an event loop[\s\S]*^### Closing$/m);
  assert.match(seam, /\*\* @throws PollerError INVALID_FD/);
  for (const call of ['select', 'poll', 'poll-each', 'epoll', 'io_uring'])
    assert.ok(seam.includes(`readonly call: '${call}'`), call);
  assert.doesNotMatch(pageOf('pollcost/results', api['pollcost/results']), /import\("zod"\)/);
});

test('every class and function that is public has a docstring', () => {
  const bare = Object.entries(api).flatMap(([entry, { exported }]) =>
    exported.flatMap(({ name, kind, docstring }) =>
      docstring === null && (kind === 'class' || kind === 'function') ? [`${entry}: ${name}`] : [],
    ),
  );
  assert.deepEqual(bare, []);
});

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pollerNames } from '../pollers/manifest.js';

/**
 * No file outside a poller, its entry and its tests names one: what knows a name would have to be told of the next. Who needs
 * a certain one asks its capabilities, its `native`, or the manifest.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['pollers', 'harness', 'reports', 'scripts'];

/** Where they may stand, and why. */
const ALLOWED: Readonly<Record<string, string>> = {
  'pollers/': 'the pollers themselves, the manifest, and what they share',
  'harness/claims/': 'a claim speaks of them, and the list of what claims need of experiments',
  'harness/model/terms.ts': 'the system calls that a term is true of',
  'harness/experiments/kernel-layouts.ts': 'the system calls whose objects the kernel books',
  'harness/processes/turn-probe/twin.ts': 'the system calls that the C twin can make',
  'harness/processes/references/libevent/protocol.ts': "libevent's own names of its methods",
  'harness/gate/config.ts': 'what a gate measures unless its file says otherwise stands in its schema',
  'harness/gate/self-test.ts': 'what is planted is planted in the file of one poller',
  'harness/gate/figures.ts': 'the poller that figures of others are divided by',
  'scripts/package/steps.ts': 'the program that a user of the package writes in a trial of it',
  'reports/charts/workload-grid.ts': 'draws the effects of less-cpu-mostly',
  'reports/charts/crossover.ts': 'draws where the model of less-cpu-mostly turns',
  'reports/charts/cost-by-number.ts': 'draws the effects of highest-fd',
  'reports/charts/cost-by-count.ts': 'draws the effects of idle-is-free',
  'reports/charts/cost-by-ready.ts': 'draws the effects of pay-for-ready',
  'reports/charts/small-difference.ts': 'draws the effects of small-difference',
  'reports/charts/few-sockets.ts': 'draws the effects of few-sockets-cpu',
};

const COMMENTS = /\/\*[\s\S]*?\*\/|(?<![:'"`\w])\/\/.*$/gm;
/** Here the word is that of a system call. */
const OF_CALLS = /\bpollerOf\('[a-z]+'\)|\bcall [!=]== '[a-z_]+'|\bbackend: '[a-z]+'/g;
const NAMED = new RegExp(`(['"\`])(?:${pollerNames.join('|')})\\1`, 'g');

const namesIn = (text: string): string[] =>
  text.replace(COMMENTS, '').replace(OF_CALLS, '').match(NAMED) ?? [];

const isOfTests = (path: string): boolean => /\.test\.tsx?$|\/testing\//.test(path);

const sources = (): string[] =>
  FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  ).filter((path) => /\.tsx?$/.test(path) && !isOfTests(path));

test('only what may names a poller, and whoever may does', (t) => {
  if (!existsSync(join(ROOT, 'tsconfig.json'))) return t.skip('there are no sources here');
  const naming = sources().filter((path) => namesIn(readFileSync(join(ROOT, path), 'utf8')).length > 0);
  const places = Object.keys(ALLOWED);
  assert.deepEqual(
    naming.filter((path) => !places.some((place) => path.startsWith(place))),
    [],
    'names a poller',
  );
  assert.deepEqual(
    places.filter((place) => !naming.some((path) => path.startsWith(place))),
    [],
    'names none any more: take it off the list',
  );
  return undefined;
});

test('a name is seen in every kind of quotes, and not in comments or where a system call is meant', () => {
  for (const code of ["name === 'epoll'", 'new Set(["busy"])', 'use(`select-wide`)'])
    assert.equal(namesIn(code).length, 1, code);
  for (const code of [
    "/** `busy` asks each fd. */ // 'poll' too",
    "pollerOf('epoll')",
    "manifest[poller]?.call === 'select'",
    "'epoll-20-bytes'",
    "'http://poll'",
  ])
    assert.deepEqual(namesIn(code), [], code);
});

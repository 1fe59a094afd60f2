import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pollerNames } from '../pollers/manifest.js';
import { ROOT, sourcesIn, withoutComments } from './testing/sources.js';

/**
 * No file outside a poller, its entry and its tests names one: what knows a name would have to be told of the next. Who needs
 * a certain one asks its capabilities, its `native`, or the manifest.
 */

const FOLDERS = ['pollers', 'harness', 'reports', 'scripts'];

/** Where they may stand, and why. */
const ALLOWED: Readonly<Record<string, string>> = {
  'pollers/': 'the pollers themselves, the manifest, and what they share',
  'harness/claims/': 'a claim speaks of them, and the list of what claims need of experiments',
  'harness/model/terms.ts': 'the system calls that a term is true of',
  'harness/experiments/kernel-layouts.ts': 'the system calls whose objects the kernel books',
  'harness/processes/turn-probe/twin.ts': 'the system calls that the C twin can make',
  'harness/processes/references/libevent/protocol.ts': "libevent's own names of its methods",
  'scripts/package/steps.ts': 'the program that a user of the package writes in a trial of it',
  'reports/charts/workload-grid.ts': 'draws the effects of less-cpu-mostly',
  'reports/charts/crossover.ts': 'draws where the models turn that less-cpu-mostly speaks of',
  'reports/charts/cost-by-number.ts': 'draws the effects of highest-fd',
  'reports/charts/cost-by-count.ts': 'draws the effects of idle-is-free',
  'reports/charts/cost-by-ready.ts': 'draws the effects of pay-for-ready',
  'reports/charts/small-difference.ts': 'draws the effects of small-difference',
  'reports/charts/few-sockets.ts': 'draws the effects of few-sockets-cpu',
};

/** Here the word is that of a system call. */
const OF_CALLS = /\bpollerOf\('[a-z]+'\)|\bcall [!=]== '[a-z_]+'|\bbackend: '[a-z]+'/g;
const NAMED = new RegExp(`(['"\`])(?:${pollerNames.join('|')})\\1`, 'g');

const namesIn = (text: string): string[] => withoutComments(text).replace(OF_CALLS, '').match(NAMED) ?? [];

test('only what may names a poller, and whoever may does', (t) => {
  if (!existsSync(join(ROOT, 'tsconfig.json'))) return t.skip('there are no sources here');
  const naming = sourcesIn(FOLDERS).filter(
    (path) => namesIn(readFileSync(join(ROOT, path), 'utf8')).length > 0,
  );
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
    "native.call !== 'io_uring'",
    "'epoll-20-bytes'",
    "'http://poll'",
  ])
    assert.deepEqual(namesIn(code), [], code);
});

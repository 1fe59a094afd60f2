import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CellQuery } from './evidence.js';
import { namesOf } from './names-of-cells.js';

const cell = (poller: string, watched: number, ready = 0): CellQuery => ({
  experiment: 'few-sockets',
  poller,
  factors: { watched, ready, timeout: 'zero' },
});

test('missing cells are named by what tells them from the others that were asked for', () => {
  const all = ['poll', 'epoll'].flatMap((poller) => [6, 7, 8].map((watched) => cell(poller, watched)));
  const missing = all.filter(({ factors }) => factors.watched !== 7);
  assert.equal(namesOf(missing, all), 'few-sockets with watched = 6 and 8');
  assert.equal(namesOf(all.slice(0, 3), all), 'few-sockets with poller = poll');
  assert.equal(namesOf(all, all), 'few-sockets');
});

test('a cell that was asked for alone is named by all that it is', () => {
  const one = [cell('poll', 6)];
  assert.equal(namesOf(one, one), 'few-sockets with poller = poll, watched = 6, ready = 0, timeout = zero');
});

test('cells that no factors tell from the others are named by as few as are true of all of them', () => {
  const all = [cell('poll', 6, 0), cell('poll', 6, 1), cell('poll', 7, 0), cell('poll', 7, 1)];
  const missing = [cell('poll', 6, 0), cell('poll', 7, 1)];
  assert.equal(
    namesOf(missing, all),
    'few-sockets with poller = poll, watched = 6 and 7, ready = 0 and 1, timeout = zero',
  );
});

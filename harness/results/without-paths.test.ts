import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutPaths, withoutPathsIn } from './without-paths.js';

const FOLDERS = ['/home/ada/Größe läuft', '/home/ada'];

for (const [text, expected] of [
  ['no path at all', 'no path at all'],
  [
    "EACCES: permission denied, mkdtemp '/srv/secret place/x/tmp-'",
    "EACCES: permission denied, mkdtemp '…/tmp-'",
  ],
  ['/opt/secret/cc failed: no message', '…/cc failed: no message'],
  ['go on in /home/ada/Größe läuft/results/monday', 'go on in …/results/monday'],
  ['see /home/ada/x.js; or wait', 'see …/x.js; or wait'],
  ['/proc/slabinfo is closed to this user', '/proc/slabinfo is closed to this user'],
  [
    'cpuNsPerTurn of watched-fds/epoll/pollcost/watched=1',
    'cpuNsPerTurn of watched-fds/epoll/pollcost/watched=1',
  ],
  [
    'try: docker run --security-opt seccomp=docker/seccomp.json ...',
    'try: docker run --security-opt seccomp=docker/seccomp.json ...',
  ],
  ['cost(100) / cost(50) lies in 1.5..2.5', 'cost(100) / cost(50) lies in 1.5..2.5'],
  ['file:///home/bob/poller.js failed', 'file:…/poller.js failed'],
] as const) {
  test(`in a file it reads: ${expected}`, () => assert.equal(withoutPaths(text, FOLDERS), expected));
}

test('words are cut and nothing else', () => {
  const run = { id: '/a/b', warnings: [{ code: 'x', message: 'in /a/b', advice: 'none' }], low: -1.5 };
  assert.deepEqual(withoutPathsIn(run), {
    ...run,
    warnings: [{ code: 'x', message: 'in …/b', advice: 'none' }],
  });
});

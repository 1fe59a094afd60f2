import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sliceOf } from '../../../pollers/libc/linux/process.js';
import { isAlive, untilGone } from '../../testing/processes.js';
import { until } from '../../testing/until.js';
import { startHerd, startServer } from '../control/parent.js';
import { FIXED_REPLY } from '../server/apps/fixed.js';
import { tryRealtime } from '../turn-probe/surroundings.js';
import type { BeatReport, Phase } from './protocol.js';
import { scheduleOf } from './schedule.js';
import { type Herd, Peer, polite, withPeer } from './testing/peer.js';

/** Herds as processes, before servers of ours and before rude ones. */

const DEADLINE_MS = 60_000;
/** Behind the name of `/proc/PID/stat`. proc(5) */
const POLICY = 38;
const PARENT = fileURLToPath(new URL('../control/parent.js', import.meta.url));
const WRONG_REPLY = Buffer.from(FIXED_REPLY.toString('latin1').replace('Hello', 'Jello'));

const connect = (herd: Herd, port: number, connections: number, more: { perSource?: number } = {}) =>
  herd.request(
    'connect',
    { host: '127.0.0.1', port, connections, app: 'fixed', cpu: null, ...more },
    DEADLINE_MS,
  );

const window = (phase: Phase, connections: number, ratePerSecond: number, ms: number, seed = 1) => ({
  connections,
  ratePerSecond,
  phase,
  seed,
  ms,
});

const fates = ({ intended, answered, unanswered, wrong, lost }: BeatReport) => ({
  intended,
  answered,
  unanswered,
  wrong,
  lost,
});

const all = (intended: number, fate: 'answered' | 'unanswered' | 'wrong' | 'lost') => ({
  ...{ intended, answered: 0, unanswered: 0, wrong: 0, lost: 0 },
  [fate]: intended,
});

test('a herd that is to keep fewer closes those that it made last, and can make others after', () =>
  withPeer(polite, async (herd, port, peer) => {
    await connect(herd, port, 5);
    assert.deepEqual(await herd.request('keep', { connections: 2 }, DEADLINE_MS), { connected: 2 });
    await until(
      () => peer.sockets.filter(({ closed }) => closed).length === 3,
      'the peer hears of the three that were closed',
    );
    assert.ok(peer.sockets.slice(0, 2).every(({ closed }) => !closed));
    assert.deepEqual(await herd.request('keep', { connections: 4 }, DEADLINE_MS), { connected: 2 });
    assert.equal((await connect(herd, port, 2)).connected, 4);
    const report = await herd.request('beat', window('spread', 4, 400, 100), DEADLINE_MS);
    assert.deepEqual(fates(report), all(40, 'answered'));
  }));

test('while beats come their server runs in short slices, or before others, and as it did when they are over', async (t) => {
  const rankOf = (pid: number) => ({
    slice: sliceOf(pid),
    policy: readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[POLICY],
  });
  await withPeer(polite, async (herd, port) => {
    // Nobody waits for it, so that it shows what it is given and nothing else.
    const subject = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
    t.after(() => subject.kill('SIGKILL'));
    const { pid = 0 } = subject;
    await connect(herd, port, 1);
    const before = rankOf(pid);
    assert.equal(before.policy, '0');
    const meanwhile = async (isFirst: boolean) => {
      const ask = { ...window('spread', 1, 50, 300), subject: pid, isFirst };
      const over = herd.request('beat', ask, DEADLINE_MS);
      await sleep(150);
      const found = rankOf(pid);
      await over;
      assert.deepEqual(rankOf(pid), before);
      return found;
    };
    const among = await meanwhile(false);
    assert.equal(among.policy, '0');
    if (before.slice === 0n) t.diagnostic('this kernel has no slices to ask for');
    else assert.deepEqual([among.slice, before.slice > 100_000n], [100_000n, true]);
    if (tryRealtime().ok) assert.equal((await meanwhile(true)).policy, '1');
  });
});

describe('herd', { concurrency: 3 }, () => {
  for (const phase of ['storm', 'spread', 'poisson'] as const) {
    test(`${phase}: the scheduled beats of the first connections arrive, no others, and all are answered`, () =>
      withPeer(polite, async (herd, port, peer) => {
        assert.equal((await connect(herd, port, 60)).connected, 60);
        const before = peer.counts().reduce((sum, count) => sum + count, 0);
        assert.equal(before, 1, 'one request to learn the reply');
        const ask = window(phase, 40, 400, 700);
        const report = await herd.request('beat', ask, DEADLINE_MS);
        const { connections } = scheduleOf(ask);
        assert.deepEqual(fates(report), all(connections.length, 'answered'));
        const expected = new Array<number>(60).fill(0);
        for (const number of connections) expected[number] = (expected[number] ?? Number.NaN) + 1;
        // The first one was asked to learn from.
        expected[0] = (expected[0] ?? Number.NaN) + 1;
        assert.deepEqual(
          peer.counts(),
          expected.sort((a, b) => a - b),
        );
        assert.ok(report.seconds >= 0.7 && report.cpuNs > 0);
        const { p50, p99, max } = report.latencyUs;
        assert.ok(p50 > 0 && p50 <= p99 && p99 <= max * 1.001, JSON.stringify(report.latencyUs));
      }));
  }

  test('connections can be added, and windows follow each other', async () => {
    const server = startServer();
    const herd = startHerd();
    try {
      const start = { poller: 'epoll', app: 'echo', host: '127.0.0.1', port: 0, cpu: null } as const;
      const { port } = await server.request('start', { ...start, fileTable: 'private' }, DEADLINE_MS);
      const ask = { host: '127.0.0.1', port, app: 'echo', cpu: null } as const;
      for (const total of [100, 200, 300])
        assert.equal(
          (await herd.request('connect', { ...ask, connections: 100 }, DEADLINE_MS)).connected,
          total,
        );
      for (const phase of ['storm', 'poisson', 'spread'] as const) {
        const beats = window(phase, 300, 3000, 300);
        const report = await herd.request('beat', beats, DEADLINE_MS);
        assert.deepEqual(fates(report), all(scheduleOf(beats).timesNs.length, 'answered'));
      }
      await assert.rejects(
        herd.request('beat', window('spread', 301, 10, 100), DEADLINE_MS),
        /301 connections cannot beat: the herd has 300/,
      );
    } finally {
      await herd.end();
      await server.end();
    }
  });

  test('another date in each reply is fine, and so are replies in pieces', () => {
    let replies = 0;
    const rests = new Map<Socket, string>();
    const finish = (socket: Socket): void => {
      socket.write(rests.get(socket) ?? '');
      rests.delete(socket);
    };
    return withPeer(
      (socket) => {
        // On a busy machine two requests of one connection come at once.
        finish(socket);
        const date = new Date(1e12 + 1e7 * replies++).toUTCString();
        const reply = FIXED_REPLY.toString('latin1').replace('\r\n', `\r\nDate: ${date}\r\n`);
        socket.write(reply.slice(0, 5));
        rests.set(socket, reply.slice(5));
        setTimeout(() => finish(socket), 2);
      },
      async (herd, port) => {
        await connect(herd, port, 10);
        const report = await herd.request('beat', window('spread', 10, 100, 500), DEADLINE_MS);
        assert.deepEqual(fates(report), all(50, 'answered'));
      },
    );
  });

  test('a beat leaves at its time although the one before is unanswered, and answers are told apart by order', () =>
    withPeer(
      (socket, nth) => {
        // Three beats come before the first is answered; the second answer is a wrong one.
        if (nth === 2)
          setTimeout(() => socket.write(Buffer.concat([FIXED_REPLY, WRONG_REPLY, FIXED_REPLY])), 10);
      },
      async (herd, port, peer) => {
        // The peer is silent on all but the third request, so the reply is learnt from another server.
        const teacher = new Peer(polite);
        await connect(herd, await teacher.port(), 1);
        await connect(herd, port, 5);
        const report = await herd.request('beat', window('storm', 6, 60, 300), DEADLINE_MS);
        assert.deepEqual(fates(report), { intended: 18, answered: 13, unanswered: 0, wrong: 5, lost: 0 });
        assert.deepEqual(peer.counts(), [3, 3, 3, 3, 3]);
        // From the second storm to its answer it took one more period.
        assert.ok(report.latencyUs.p90 >= 200_000, `${report.latencyUs.p90} us`);
        await teacher.close();
      },
    ));

  test('answers with other bytes are wrong', () =>
    withPeer(
      (socket, nth) => socket.write(socket.remotePort !== undefined && nth === 0 ? FIXED_REPLY : WRONG_REPLY),
      async (herd, port) => {
        await connect(herd, port, 1);
        const report = await herd.request('beat', window('spread', 1, 50, 400), DEADLINE_MS);
        assert.deepEqual(fates(report), all(20, 'wrong'));
        assert.equal(report.latencyUs.max, 0);
      },
    ));

  test('an answer that is too long is wrong, and its connection is out', () =>
    withPeer(
      (socket, nth) => socket.write(nth === 0 ? FIXED_REPLY : Buffer.concat([FIXED_REPLY, FIXED_REPLY])),
      async (herd, port) => {
        await connect(herd, port, 1);
        // So far apart that none is sent before the answer to the last one is read, on a busy machine either: it would answer both.
        const report = await herd.request('beat', window('spread', 1, 4, 1000), DEADLINE_MS);
        assert.deepEqual(fates(report), { intended: 4, answered: 0, unanswered: 0, wrong: 1, lost: 3 });
      },
    ));

  test('what a silent server owes is unanswered, and its connections are lost afterwards', () =>
    withPeer(
      (socket, nth) => {
        if (nth === 0) socket.write(FIXED_REPLY);
      },
      async (herd, port, peer) => {
        await connect(herd, port, 1);
        const report = await herd.request('beat', window('spread', 1, 50, 200), DEADLINE_MS);
        assert.deepEqual(fates(report), all(10, 'unanswered'));
        assert.deepEqual(peer.counts(), [11]);
        const next = await herd.request('beat', window('spread', 1, 50, 200), DEADLINE_MS);
        assert.deepEqual(fates(next), all(10, 'lost'));
        assert.equal((await connect(herd, port, 2)).connected, 2);
      },
    ));

  test('answers that come after the window count as answers, not as what the server served within it', () =>
    withPeer(
      (socket, nth) => {
        if (nth === 0) polite(socket);
        // All together, more than a window after the last of them was asked for.
        if (nth === 10) setTimeout(() => socket.write(Buffer.concat(Array(10).fill(FIXED_REPLY))), 300);
      },
      async (herd, port) => {
        await connect(herd, port, 1);
        const report = await herd.request('beat', window('spread', 1, 50, 200), DEADLINE_MS);
        assert.deepEqual(fates(report), all(10, 'answered'));
        assert.equal(report.answeredInTime, 0);
        assert.ok(report.latencyUs.max > 300_000);
      },
    ));

  for (const [how, end] of [
    ['closes', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ] as const) {
    test(`beats are lost on a connection that the server ${how}, and arrive on the others`, () =>
      withPeer(
        (socket, nth) => (nth < 3 ? polite(socket) : end(socket)),
        async (herd, port) => {
          await connect(herd, port, 10);
          // The first connection was asked once already: its third beat ends it, that of the others the fourth.
          const report = await herd.request('beat', window('storm', 10, 50, 1000), DEADLINE_MS);
          assert.deepEqual(fates(report), { intended: 50, answered: 29, unanswered: 0, wrong: 0, lost: 21 });
        },
      ));

    test(`beats are lost on a connection that the server ${how} while it is idle`, () =>
      withPeer(polite, async (herd, port, peer) => {
        await connect(herd, port, 10);
        await peer.accepted(10);
        for (const socket of peer.sockets.slice(0, 4)) end(socket);
        await until(async () => (await connect(herd, port, 0)).connected === 6, 'the end of four');
        const report = await herd.request('beat', window('spread', 10, 100, 200), DEADLINE_MS);
        assert.deepEqual(fates(report), { intended: 20, answered: 12, unanswered: 0, wrong: 0, lost: 8 });
        assert.equal((await connect(herd, port, 0)).connected, 6);
      }));
  }

  test('a refused connection is an error that names the server, and the herd goes on', () =>
    withPeer(polite, async (herd, port) => {
      const closed = new Peer(polite);
      const refusing = await closed.port();
      await closed.close();
      await assert.rejects(
        connect(herd, refusing, 10),
        new RegExp(`connection 1 to 127\\.0\\.0\\.1:${refusing} failed: ECONNREFUSED`),
      );
      assert.equal((await connect(herd, port, 10)).connected, 10);
    }));

  test('a server that says nothing, or nothing to learn from, is an error', async () => {
    const lessons: [(socket: Socket) => void, RegExp][] = [
      [() => {}, /did not answer the first request within 5 s/],
      [(socket) => socket.end(), /closed the connection instead of answering/],
      [(socket) => socket.write('HTTP/1.1 503 Busy\r\n\r\n'), /answers 'HTTP\/1\.1 503 Busy'/],
      [(socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'), /no Content-Length/],
    ];
    await Promise.all(
      lessons.map(([answer, error]) =>
        withPeer(answer, async (herd, port) => {
          await assert.rejects(connect(herd, port, 3), error);
          await assert.rejects(herd.request('beat', window('spread', 1, 1, 1), DEADLINE_MS), /cannot beat/);
        }),
      ),
    );
  });

  test('connections come from as many addresses as they are told to', () =>
    withPeer(polite, async (herd, port, peer) => {
      await connect(herd, port, 25, { perSource: 10 });
      await peer.accepted(25);
      const hosts = peer.sockets.map(({ remoteAddress }) => remoteAddress);
      const from = (host: string) => hosts.filter((other) => other === host).length;
      assert.deepEqual(
        ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map(from),
        [10, 10, 5],
        'ten each, and the rest from the third',
      );
    }));

  test('a request that comes before the last one is over is refused, and the last one goes on', () =>
    withPeer(polite, async (herd, port) => {
      await connect(herd, port, 5);
      const first = herd.request('beat', window('spread', 5, 50, 300), DEADLINE_MS);
      await assert.rejects(herd.request('beat', window('spread', 5, 50, 300), DEADLINE_MS), /is not over/);
      assert.deepEqual(fates(await first), all(15, 'answered'));
    }));

  test('more connections than the limit of open files allows are refused with how many fit, and so many do', () =>
    withPeer(polite, async (_herd, port) => {
      const script =
        `import { startHerd } from ${JSON.stringify(PARENT)}; const herd = startHerd();` +
        `const connect = (connections) => herd.request('connect', { host: '127.0.0.1', port: ${port}, connections,` +
        "app: 'fixed', cpu: null }, 20000);" +
        'const { message } = await connect(300).catch((error) => error);' +
        'const room = Number(/room for (\\d+)/.exec(message)[1]);' +
        'const { connected } = await connect(room); await herd.end();' +
        'console.log(JSON.stringify({ message, room, connected }));';
      const command = `ulimit -n 200; exec ${process.execPath} --input-type=module -e "$1"`;
      const { stdout } = await promisify(execFile)('sh', ['-c', command, 'sh', script]);
      const { message, room, connected } = JSON.parse(stdout);
      assert.match(message, /^herd: 300 connections do not fit: with 200 file descriptors at most there is/);
      assert.ok(room > 100 && room < 200, message);
      assert.equal(connected, room);
    }));

  test('a herd dies with a parent that is killed, and its connections with it', () =>
    withPeer(polite, async (_herd, port, peer) => {
      const script =
        `import { startHerd } from ${JSON.stringify(PARENT)}; const herd = startHerd();` +
        `await herd.request('connect', { host: '127.0.0.1', port: ${port}, connections: 20, app: 'fixed',` +
        'cpu: null }, 20000); console.log(herd.pid); setInterval(() => {}, 1000);';
      const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [output] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(output.toString());
      assert.ok(isAlive(pid));
      await peer.accepted(20);
      parent.kill('SIGKILL');
      await untilGone(pid);
      await until(() => peer.sockets.every((socket) => socket.destroyed), 'the end of its connections');
    }));
});

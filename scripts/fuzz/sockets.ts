import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { frame } from '../../harness/http/testing/frame.js';
import { startServer } from '../../harness/processes/control/parent.js';
import { randomFrom, seedFrom } from '../../harness/statistics/random.js';
import { harnessPoller } from '../../pollers/manifest.js';
import { streamOf } from './streams.js';

/** The same streams to a real server over real connections, many at a time, of which some are reset half-way. */

const AT_A_TIME = 100;
const DEADLINE_MS = 30_000;
const PATIENCE_MS = 10_000;
/** What a stream gets in answer comes within this, or the client leaves. */
const SILENCE_MS = 20;

export interface SocketSummary {
  readonly connections: number;
  readonly resets: number;
  readonly failures: readonly string[];
}

export async function tryOverSockets(seed: number, connections: number): Promise<SocketSummary> {
  const server = startServer();
  const failures: string[] = [];
  let resets = 0;
  try {
    const ask = {
      poller: harnessPoller,
      app: 'http',
      host: '127.0.0.1',
      port: 0,
      cpu: null,
      fileTable: 'private',
    } as const;
    const { port } = await server.request('start', ask, DEADLINE_MS);
    const fds = openFds(server.pid);
    for (let index = 0; index < connections; index += AT_A_TIME) {
      const batch = Array.from({ length: Math.min(AT_A_TIME, connections - index) }, (_, at) => index + at);
      const outcomes = await Promise.all(batch.map((one) => converse(port, seed, one)));
      resets += outcomes.filter((outcome) => outcome === 'reset').length;
      for (const outcome of outcomes) if (outcome !== 'reset' && outcome !== 'fine') failures.push(outcome);
    }
    for (let waitedMs = 0; openFds(server.pid) > fds && waitedMs < PATIENCE_MS; waitedMs += 20)
      await sleep(20);
    if (openFds(server.pid) > fds) failures.push(`${openFds(server.pid) - fds} fds are left`);
    if (server.pid === 0 || !(await isServed(port))) failures.push('the server does not answer any more');
    const ticks = cpuTicks(server.pid);
    await sleep(300);
    if (cpuTicks(server.pid) - ticks > 10) failures.push('the server spins');
  } finally {
    await server.end();
  }
  return { connections, resets, failures };
}

/** Sends a stream in its pieces; unless it is reset half-way, there must be as many answers as requests. */
function converse(port: number, seed: number, index: number): Promise<string> {
  const { pieces } = streamOf(seed, index);
  const random = randomFrom(seedFrom(seed, 'socket', index));
  const resetsAfter = random() < 0.3 ? Math.floor(random() * (pieces.length + 1)) : -1;
  const { requests, end } = frame(pieces);
  const expected = requests.length + (typeof end === 'number' ? 1 : 0);
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let received = '';
    let isReset = false;
    const finish = () => {
      socket.destroy();
      const answers = received.match(/HTTP\/1\.1 (?!100)\d{3} /g)?.length ?? 0;
      if (isReset) resolve('reset');
      else if (answers === expected) resolve('fine');
      else resolve(`${answers} answers instead of ${expected}; seed ${seed}, stream ${index} over a socket`);
    };
    const silence = setTimeout(finish, PATIENCE_MS);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      silence.refresh();
    });
    socket.once('error', () => {});
    socket.once('close', () => {
      clearTimeout(silence);
      finish();
    });
    const say = async () => {
      for (const [at, piece] of pieces.entries()) {
        if (at === resetsAfter) break;
        if (!socket.destroyed) socket.write(piece);
        await sleep(0);
      }
      if (resetsAfter === -1) {
        // It has said everything: the server ends the connection once it has answered.
        socket.end();
      } else {
        await sleep(random() * SILENCE_MS);
        isReset = true;
        socket.resetAndDestroy();
      }
    };
    socket.once('connect', say);
  });
}

async function isServed(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  const answer = new Promise<boolean>((resolve) => {
    socket.once('data', () => resolve(true)).once('close', () => resolve(false));
    socket.once('error', () => resolve(false));
  });
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const isThere = await answer;
  socket.destroy();
  return isThere;
}

const openFds = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** CPU time of a process, in hundredths of a second. */
const cpuTicks = (pid: number): number =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .split(') ')[1]
    ?.split(' ')
    .slice(11, 13)
    .reduce((sum, ticks) => sum + Number(ticks), 0) ?? 0;

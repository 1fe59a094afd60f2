import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createPoller } from '../../../pollers/loaded.js';
import type { ErrorReport } from '../../ioloop/errors.js';
import { IOLoop } from '../../ioloop/ioloop.js';
import { onEveryPoller, type RealLoop } from '../../ioloop/testing/on-every-poller.js';
import { hasPendingSignal, isAlive, untilGone } from '../../testing/processes.js';
import { until } from '../../testing/until.js';
import { ControlFd } from './control-fd.js';

/** Longer than any machine is busy; nothing is waited for so long that comes. */
const PATIENCE_MS = 10_000;
const childMain = fileURLToPath(new URL('./testing/controlled-child.js', import.meta.url));

type Reply = Readonly<Record<string, unknown>>;

function startChild({ name, after }: RealLoop) {
  const child = spawn(process.execPath, [childMain, name], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  const closed = once(child, 'close');
  after(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  const control = child.stdio[3] as Duplex;
  const lines = createInterface({ input: control })[Symbol.asyncIterator]();
  const next = async (): Promise<Reply> => JSON.parse((await lines.next()).value);
  return { child, control, next, exited: once(child, 'exit') };
}

onEveryPoller(
  'L37 a loop is asked and stopped over its control fd, while a signal handler never runs',
  async (real) => {
    const { child, control, next, exited } = startChild(real);
    await next();
    control.write('{"id":1,"do":"snapshot"}\n');
    const first = await next();
    assert.equal(first.id, 1);
    assert.equal(first.ok, true);

    child.kill('SIGTERM');
    await until(() => !hasPendingSignal(child.pid as number), 'the signal');
    // One and a half at once: the answer to the first tells that the half was read, too.
    control.write('{"id":2,"do":"snapshot"}\n{"id":3,"do":"sna');
    assert.equal((await next()).id, 2);
    control.write('pshot"}\n{"id":4,"do":"snapshot"}\n');
    assert.equal((await next()).id, 3);
    assert.equal((await next()).id, 4);

    control.write('{"id":5,"do":"stop"}\n');
    assert.deepEqual(await next(), { id: 5, ok: true });
    assert.deepEqual(await exited, [0, null]);
  },
);

onEveryPoller('L37 a loop stops when the other side hangs up', async (real) => {
  const { control, next, exited } = startChild(real);
  await next();
  control.end();
  assert.deepEqual(await exited, [0, null]);
});

onEveryPoller('L37 a loop stops when the process that started it is killed', async ({ name, after }) => {
  const script =
    `const { spawn } = require('node:child_process');` +
    `const child = spawn(process.execPath, [${JSON.stringify(childMain)}, '${name}'],` +
    `  { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });` +
    `child.stdio[3].once('data', () => console.log(child.pid)); setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(parent, 'close');
  after(async () => {
    parent.kill('SIGKILL');
    await closed;
  });
  const [pid] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  assert.ok(isAlive(Number(pid)));
  parent.kill('SIGKILL');
  await untilGone(Number(pid));
});

onEveryPoller('L37 messages come in order, whatever their size, and before the end', ({ name, bench }) => {
  const [own, peer] = bench.pair();
  const messages: unknown[] = [];
  const reports: string[] = [];
  const loop = new IOLoop({
    poller: createPoller(name),
    onError: ({ source, error }) => reports.push(`${source}: ${(error as Error).name}`),
  });
  const control = new ControlFd(own, (message) => messages.push(message));
  control.watch(loop);
  const long = 'é'.repeat(40_000);
  writeSync(
    peer,
    `{"first":1}
no JSON
${JSON.stringify({ long })}
{"last":1}
{"unfinished":`,
  );
  bench.close(peer);
  loop.start();
  assert.deepEqual(messages, [{ first: 1 }, { long }, { last: 1 }]);
  assert.deepEqual(reports, ['callback: SyntaxError']);
  assert.ok((loop.counters.snapshot().syscalls.read ?? 0) >= 3);
  loop.close();
});

onEveryPoller('L37 an unfinished line goes on in the next loop', ({ name, loop, bench }) => {
  const [own, peer] = bench.pair();
  const messages: unknown[] = [];
  const control = new ControlFd(own, (message) => messages.push(message));
  control.watch(loop);
  writeSync(peer, '{"in":"two ');
  loop.callLater(10, () => loop.stop());
  loop.start();
  control.unwatch();
  const next = new IOLoop({ poller: createPoller(name) });
  control.watch(next);
  writeSync(peer, 'loops"}\n');
  bench.close(peer);
  next.start();
  next.close();
  assert.deepEqual(messages, [{ in: 'two loops' }]);
});

onEveryPoller(
  'L37 a control fd that steps aside is watched by nobody, and heard where it is looked at',
  (real) => {
    const { loop, poller, bench } = real;
    const [own, peer] = bench.pair();
    const messages: unknown[] = [];
    const control = new ControlFd(own, (message) => {
      messages.push(message);
      loop.stop();
    });
    control.watch(loop);
    const turnsOf = (ms: number) => {
      const over = loop.callLater(ms, () => loop.stop());
      loop.start();
      loop.removeTimeout(over);
    };
    const look = control.stepAside(loop);
    assert.equal(poller.interestOf(own), 0);
    writeSync(peer, '{"one":1}\n{"two');
    turnsOf(5);
    assert.deepEqual(messages, []);
    loop.callLater(1, look);
    turnsOf(PATIENCE_MS);
    assert.deepEqual(messages, [{ one: 1 }]);
    look();
    control.watch(loop);
    // Whoever still has it hears nothing twice.
    look();
    writeSync(peer, '":2}\n');
    turnsOf(PATIENCE_MS);
    assert.deepEqual(messages, [{ one: 1 }, { two: 2 }]);
    const lookAgain = control.stepAside(loop);
    bench.close(peer);
    loop.callLater(1, lookAgain);
    // Nothing else ends it: the other side has hung up.
    loop.start();
  },
);

onEveryPoller('L37 a peer that dies with something unread hangs up, too', ({ loop, bench }) => {
  const [own, peer] = bench.tcp();
  const control = new ControlFd(own, (message) => assert.fail(`${message}`));
  control.watch(loop);
  bench.reset(peer);
  loop.start();
});

onEveryPoller(
  'S31 a control fd that was closed elsewhere stops the loop, which says why',
  ({ bench, after }) => {
    const codes: unknown[] = [];
    const poller = bench.poller();
    const onError = ({ error }: ErrorReport) => codes.push((error as { code?: unknown }).code);
    const loop = new IOLoop({ poller, onError });
    after(() => loop.close());
    const fd = bench.eventfd();
    new ControlFd(fd, (message) => assert.fail(`${message}`)).watch(loop);
    loop.callLater(1, () => bench.close(fd));
    let isLate = false;
    loop.callLater(100, () => {
      isLate = true;
      loop.stop();
    });
    loop.start();
    // epoll forgets a file with its last fd, without a word.
    const sees = !poller.capabilities.registersBySyscall;
    assert.deepEqual(codes, sees ? ['EBADF'] : []);
    assert.equal(isLate, !sees);
  },
);

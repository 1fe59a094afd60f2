import { writeSync } from 'node:fs';
import { createPoller } from '../../../../pollers/loaded.js';
import type { PollerName } from '../../../../pollers/manifest.js';
import { IOLoop } from '../../../ioloop/ioloop.js';
import { ControlFd } from '../control-fd.js';

/** A process whose loop is told what to do over fd 3. Argument: the name of a poller. */

const CONTROL_FD = 3;
const say = (what: object) => writeSync(CONTROL_FD, `${JSON.stringify(what)}\n`);

process.on('SIGTERM', () => process.exit(1));
const loop = new IOLoop({ poller: createPoller(process.argv[2] as PollerName) });
const control = new ControlFd(CONTROL_FD, (message) => {
  const { id, do: what } = message as { id: number; do: string };
  if (what === 'stop') loop.stop();
  say({ id, ok: true, ...(what === 'snapshot' ? loop.counters.snapshot() : {}) });
});
control.watch(loop);
say({ ready: process.pid });
loop.start();
loop.close();
// At the next turn of Node's own loop its handler of SIGTERM would run.
process.exit(0);

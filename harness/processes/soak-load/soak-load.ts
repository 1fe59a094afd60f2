import { fdLimit } from '../../../pollers/libc/linux/process.js';
import { createPoller } from '../../../pollers/loaded.js';
import { harnessPoller } from '../../../pollers/manifest.js';
import { IOLoop } from '../../ioloop/ioloop.js';
import { type Answered, belongToParent, type Handlers, LATER, serveOnLoop } from '../control/child.js';
import { Crowd } from './crowd.js';
import type { SoakProtocol, SoakReport } from './protocol.js';
import { talks } from './talks.js';

/** The clients of a soak, on our own loop. */

belongToParent();

/** What a server holds beside its connections, and those that it has not noticed to be gone. */
const SPARE_FDS = 96;
/** A poller that never sleeps has time for few. */
const MOST_WITHOUT_SLEEP = 200;

const loop = new IOLoop({
  poller: createPoller(harnessPoller),
  onError: ({ error }) =>
    crowd?.complain(error instanceof Error ? (error.stack ?? error.message) : String(error)),
});
let crowd: Crowd | undefined;

function start({ host, port, poller: name, app, connections, seed }: SoakProtocol['start']['ask']) {
  const poller = createPoller(name);
  const { blocks, maxFd } = poller.capabilities;
  poller.close();
  const room = Math.min(maxFd, fdLimit().soft) - SPARE_FDS;
  const most = Math.min(connections, room, blocks ? connections : MOST_WITHOUT_SLEEP);
  crowd = new Crowd({ loop, host, port, talk: talks[app](seed), connections: most, seed });
  return { connections: most, blocks };
}

function begun(): Crowd {
  if (!crowd) throw new Error('the soak has not started');
  return crowd;
}

/** A report comes when what was asked for is over. */
const reported = (
  begin: (crowd: Crowd, done: () => void) => void,
  answered: Answered<SoakReport>,
): typeof LATER => {
  const running = begun();
  begin(running, () => answered(running.report));
  return LATER;
};

const handlers: Handlers<SoakProtocol> = {
  start,
  storm: ({ ms }, answered) => reported((running, done) => running.storm(ms, done), answered),
  leave: (_, answered) => reported((running, done) => running.leave(done), answered),
};

serveOnLoop(handlers, loop);
loop.start();

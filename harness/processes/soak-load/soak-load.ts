import { fdLimit } from '../../../pollers/libc/process.js';
import { createPoller } from '../../../pollers/registry.js';
import { ControlFd } from '../../ioloop/control-fd.js';
import { IOLoop } from '../../ioloop/ioloop.js';
import { answerWith, belongToParent, type Request, sendReply } from '../control/child.js';
import { CONTROL_FD, type SoakProtocol } from '../control/messages.js';
import { Crowd } from './crowd.js';
import { talks } from './talks.js';

/** The clients of a soak, on our own loop. */

belongToParent();

/** What a server holds beside its connections, and those that it has not noticed to be gone. */
const SPARE_FDS = 96;
/** A poller that never sleeps has time for few. */
const MOST_WITHOUT_SLEEP = 200;

const loop = new IOLoop({
  poller: createPoller('epoll'),
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

/** `start` is answered at once, the others when it is over. */
const later = {
  storm: ({ ms }: { ms: number }, done: () => void) => begun().storm(ms, done),
  leave: (_: object, done: () => void) => begun().leave(done),
};

new ControlFd(CONTROL_FD, (message) => {
  const { id, do: name, ...ask } = message as Request & SoakProtocol['storm']['ask'];
  if (name === 'start') answerWith({ start } as never, message as Request);
  else later[name as keyof typeof later](ask, () => sendReply({ id, ok: true, ...begun().report }));
}).watch(loop);
loop.start();

import { close } from '../../../pollers/libc/linux/files.js';
import { dieWithParent } from '../../../pollers/libc/linux/process.js';
import { createPoller } from '../../../pollers/loaded.js';
import type { PollerName } from '../../../pollers/manifest.js';
import { IOLoop } from '../../ioloop/ioloop.js';
import type { IOStream } from '../iostream.js';
import { CLOSED } from '../outcomes.js';
import { LIFE_FD, task } from '../task.js';
import { TCPServer } from '../tcp-server.js';
import { CRLF, textOf } from './bytes.js';

/**
 * A program that serves in several processes: `several.js POLLER PROCESSES MAX_RESTARTS [END]`. It says `ready PORT`. A
 * line `who` is answered with the task's id and pid; `end 3` ends the task with that code, `lose` closes what ties it to
 * the first process. With END each task ends so at once.
 */

const [poller, processes, maxRestarts, end] = process.argv.slice(2);
if (!task) dieWithParent();
else if (end !== undefined) process.exit(Number(end));

class WhoServer extends TCPServer {
  override handleStream(stream: IOStream): void {
    stream.readUntil(CRLF, (line) => {
      if (line === CLOSED) return;
      const [what, code] = textOf(line).trim().split(' ');
      if (what === 'end') process.exit(Number(code));
      if (what === 'lose') close(LIFE_FD);
      stream.write(Buffer.from(`${task?.id} ${process.pid}\r\n`));
      this.handleStream(stream);
    });
  }
}

const loop = new IOLoop({ poller: createPoller(poller as PollerName) });
const server = new WhoServer(loop);
const port = server.bind(0);
server.start(Number(processes), {
  maxRestarts: Number(maxRestarts),
  onReady: () => console.log(`ready ${port}`),
});
if (!task) throw new Error('the first process goes on after start');
loop.start();

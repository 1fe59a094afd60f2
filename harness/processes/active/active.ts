import { pinThread } from '../../../pollers/libc/linux/process.js';
import { belongToParent, LATER, serveOnNodesLoop } from '../control/child.js';
import { runClosedLoop } from './closed-loop-run.js';
import type { ActiveProtocol } from './protocol.js';

/** autocannon as a process. Its loop is Node's own, which watches the control fd as well. */

belongToParent();

serveOnNodesLoop<ActiveProtocol>({
  run({ host, port, connections, ms, cpu }, answered) {
    if (cpu !== null) pinThread(cpu);
    runClosedLoop(`http://${host}:${port}/`, connections, ms).then(answered, answered);
    return LATER;
  },
});

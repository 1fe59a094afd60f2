import { type Answered, belongToParent, LATER, serveOnNodesLoop } from '../control/child.js';
import type { ServerProtocol } from '../server/protocol.js';

type Start = ServerProtocol['start'];

/** What a reference server on Node's own loop does as a child of the harness. */
export function serveReference(
  listen: (ask: Start['ask'], answered: Answered<Start['answer']>) => void,
): void {
  belongToParent();
  const refuse = () => {
    throw new Error('a reference server keeps no counters and has one poller');
  };
  serveOnNodesLoop<ServerProtocol>({
    start(ask, answered) {
      listen(ask, answered);
      return LATER;
    },
    snapshot: refuse,
    use: refuse,
    takeTurns: refuse,
    endTurns: refuse,
  });
}

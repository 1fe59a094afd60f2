import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { pinThread } from '../../../pollers/libc/process.js';
import { belongToParent, type Request } from '../control/child.js';
import { type ActiveProtocol, CONTROL_FD } from '../control/messages.js';
import { runClosedLoop } from './closed-loop-run.js';

/** autocannon as a process. Its loop is Node's own, which watches the control fd as well. */

belongToParent();

const control = new Socket({ fd: CONTROL_FD, readable: true, writable: true });
control.on('close', () => process.exit(0));

createInterface({ input: control }).on('line', async (line) => {
  const { id, do: name, ...ask } = JSON.parse(line) as Request;
  let reply: object;
  try {
    if (name !== 'run') throw new Error(`unknown request ${name}`);
    reply = { id, ok: true, ...(await run(ask as unknown as ActiveProtocol['run']['ask'])) };
  } catch (error) {
    reply = { id, ok: false, error: (error as Error).message };
  }
  control.write(`${JSON.stringify(reply)}\n`);
});

function run({
  host,
  port,
  connections,
  ms,
  cpu,
}: ActiveProtocol['run']['ask']): Promise<ActiveProtocol['run']['answer']> {
  if (cpu !== null) pinThread(cpu);
  return runClosedLoop(`http://${host}:${port}/`, connections, ms);
}

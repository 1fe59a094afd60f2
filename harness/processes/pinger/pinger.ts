import { SyscallError } from '../../../pollers/libc/call.js';
import { monotonicNs, sleepUntilNs } from '../../../pollers/libc/clock.js';
import { read, write } from '../../../pollers/libc/files.js';
import { allocate } from '../../../pollers/libc/memory.js';
import { pinThread } from '../../../pollers/libc/process.js';
import { connectToLoopback, sendAtOnce } from '../../../pollers/libc/sockets.js';
import { belongToParent } from '../control/child.js';
import { WAKE_ORDER_BYTES } from './protocol.js';

/**
 * Wakes a turn probe: writes single bytes at a steady rate, as many and as far apart as the probe orders over their
 * connection, and ends with it. Arguments: the parent's pid, the probe's port, a CPU to run on (-1: any).
 */

belongToParent();
const [port = 0, cpu = -1] = process.argv.slice(3).map(Number);
if (cpu >= 0) pinThread(cpu);

const order = allocate(WAKE_ORDER_BYTES);
const orderWords = new Int32Array(order.buffer);
const byte = allocate(8);
const connection = connectToLoopback(port);
sendAtOnce(connection);

try {
  while (read(connection, order.address, WAKE_ORDER_BYTES) === WAKE_ORDER_BYTES) {
    const [count = 0, intervalUs = 0] = orderWords;
    const start = monotonicNs();
    for (let wake = 1; wake <= count; wake++) {
      sleepUntilNs(start + wake * intervalUs * 1000);
      write(connection, byte.address, 1);
    }
  }
} catch (error) {
  // The probe was killed: that is how its pinger ends, too.
  if (!(error instanceof SyscallError) || !['ECONNRESET', 'EPIPE'].includes(error.code)) throw error;
}

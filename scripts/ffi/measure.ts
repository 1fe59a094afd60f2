import assert from 'node:assert/strict';
import { koffiVersion } from '../../pollers/libc/call.js';
import { threadCpuNs } from '../../pollers/libc/linux/clock.js';
import { eventfd, write } from '../../pollers/libc/linux/files.js';
import { createEpoll, EPOLL_CTL_ADD, epollCtlCall, epollWaitCall } from '../../pollers/libc/linux/polling.js';
import { allocate } from '../../pollers/libc/memory.js';
import { POLLIN } from '../../pollers/libc/polling.js';

/**
 * One epoll_wait() of one ready fd through Koffi, as pollers/libc declares it, and through node:ffi, in rounds of one process:
 * prints a line of JSON for each round, ns of CPU time a call. Runs on a Node that has node:ffi.
 */

const ROUNDS = 40;
const CALLS = 20_000;
const WARM_UP_CALLS = 50_000;

type EpollWait<Address> = (epfd: number, events: Address, room: number, timeoutMs: number) => number;
interface NodeFfi {
  dlopen<Functions>(path: null, definitions: Record<keyof Functions, object>): { functions: Functions };
}

const ffi = (process.getBuiltinModule as (name: string) => NodeFfi | undefined)('node:ffi');
if (ffi === undefined) throw new Error(`Node ${process.version} has no node:ffi`);

const epfd = createEpoll();
const ready = eventfd();
const one = allocate(8);
new BigUint64Array(one.buffer)[0] = 1n;
write(ready, one.address, 8);
const event = allocate(16);
new Uint32Array(event.buffer)[0] = POLLIN;
assert.equal(epollCtlCall(epfd, EPOLL_CTL_ADD, ready, event.address), 0);
const answers = allocate(64 * 16);

const viaNode = <Address>(type: string): EpollWait<Address> =>
  ffi.dlopen<{ epoll_wait: EpollWait<Address> }>(null, {
    epoll_wait: { arguments: ['int32', type, 'int32', 'int32'], return: 'int32' },
  }).functions.epoll_wait;

interface Binding<Address> {
  readonly name: string;
  readonly wait: EpollWait<Address>;
  readonly events: Address;
}

const binding = async <Address>({ name, wait, events }: Binding<Address>) => {
  const { waits } = (await import(`./loop.js?for=${encodeURIComponent(name)}`)) as typeof import('./loop.js');
  const batch = (count: number): number => {
    const before = threadCpuNs();
    assert.equal(waits(wait, epfd, events, count), count, name);
    return (threadCpuNs() - before) / count;
  };
  batch(WARM_UP_CALLS);
  return { name, batch };
};

const bindings = [
  await binding({ name: 'koffi', wait: epollWaitCall, events: answers.address }),
  await binding({
    name: 'node:ffi, pointer',
    wait: viaNode<bigint>('pointer'),
    events: BigInt(answers.address),
  }),
  await binding({
    name: 'node:ffi, arraybuffer',
    wait: viaNode<ArrayBuffer>('arraybuffer'),
    events: answers.buffer,
  }),
];
console.log(JSON.stringify({ node: process.versions.node, koffi: koffiVersion }));
for (let round = 0; round < ROUNDS; round++) {
  // Each is first as often as the others.
  const order = bindings.map(
    (_, index) => bindings[(index + round) % bindings.length] as (typeof bindings)[0],
  );
  const ns = Object.fromEntries(order.map(({ name, batch }) => [name, batch(CALLS)]));
  console.log(JSON.stringify(ns));
}

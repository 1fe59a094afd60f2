import assert from 'node:assert/strict';
import { test } from 'node:test';
import { structBytesIn } from '../collectors/btf.js';
import { btfOf } from '../collectors/testing/btf-of.js';
import {
  besideBytesOf,
  bitmapBytes,
  connectionBytes,
  epollBytesPerFd,
  epollInstanceBytes,
  KNOWN_OBJECT_BYTES,
  type Layouts,
  ledgerOf,
  objectBytesOf,
  pollCopyBytes,
  STRUCTS,
  selectBitmapBytes,
  waitEntryBytes,
} from './kernel-layouts.js';

const PAGE = 4096;
const outside: Layouts = { objectBytes: KNOWN_OBJECT_BYTES, cgroupPointer: 0, page: PAGE, epollEvent: 12 };
const inGroup: Layouts = { ...outside, cgroupPointer: 8 };

test('a bitmap is whole longs up to the highest fd', () => {
  assert.deepEqual([0, 63, 64, 999, 1023, 1024].map(bitmapBytes), [8, 8, 16, 128, 128, 136]);
});

test("select's six bitmaps leave the stack beyond 320 fd numbers", () => {
  assert.deepEqual([63, 319, 320, 999, 1023].map(selectBitmapBytes), [0, 0, 288, 768, 768]);
});

test('wait queue entries: nine on the stack, then pages of 63', () => {
  const pages = (watched: number) => waitEntryBytes(watched, PAGE) / PAGE;
  assert.deepEqual([1, 9, 10, 72, 73, 1000, 9968].map(pages), [0, 0, 1, 1, 2, 16, 159]);
  assert.equal(waitEntryBytes(1000, 65_536), 65_536);
});

test("poll's copy: thirty on the stack, then chunks of 510 with a head of 16 bytes", () => {
  const copy = (watched: number) => pollCopyBytes(watched, PAGE);
  assert.deepEqual([1, 30, 31, 540, 541].map(copy), [0, 0, 24, 4096, 4096 + 24]);
  assert.equal(copy(1000), 2 * 16 + 970 * 8);
});

test('epoll: 208 bytes per fd, 232 in a memory cgroup, and its instance', () => {
  assert.equal(epollBytesPerFd(outside), 208);
  assert.equal(epollBytesPerFd(inGroup), 232);
  assert.equal(epollInstanceBytes(outside), 256 + 192 + 192);
  assert.equal(epollInstanceBytes(inGroup), epollInstanceBytes(outside) + 16);
});

test('the ledger of each call, with nothing lasting but under epoll and nothing blocked under it', () => {
  assert.deepEqual(ledgerOf('select', 1000, 999, outside), {
    userBytes: 128,
    kernelPersistentBytes: 0,
    kernelBlockedBytes: 768 + 16 * PAGE,
    socketBytes: 1000 * connectionBytes(outside),
  });
  const poll = ledgerOf('poll', 1000, 1031, outside);
  assert.deepEqual([poll.userBytes, poll.kernelBlockedBytes], [8000, 7792 + 16 * PAGE]);
  const epoll = ledgerOf('epoll', 1000, 1031, inGroup);
  assert.deepEqual(
    [epoll.userBytes, epoll.kernelPersistentBytes, epoll.kernelBlockedBytes],
    [12_000, 656 + 232_000, 0],
  );
  const busy = ledgerOf('poll-each', 1000, 1031, outside);
  assert.deepEqual([busy.userBytes, busy.kernelPersistentBytes, busy.kernelBlockedBytes], [8000, 0, 0]);
});

test('a connection is two ends and two bind buckets, about 3.6 KB an end', () => {
  assert.equal(connectionBytes(outside), 2 * (2368 + 832 + 192 + 192) + 2 * 128);
  assert.equal(connectionBytes(inGroup), connectionBytes(outside) + 80);
});

test('io_uring keeps a request of 256 bytes for each fd, taken eight at a time, and shares its rings with the program', () => {
  const few = ledgerOf('io_uring', 1, 32, outside);
  const many = ledgerOf('io_uring', 1000, 1031, outside);
  assert.equal(many.kernelPersistentBytes - few.kernelPersistentBytes, (1000 - 8) * 256);
  assert.equal(many.userBytes, 1000 * (64 + 16));
  assert.equal(many.kernelBlockedBytes, 0);
  const charged = ledgerOf('io_uring', 1000, 1031, inGroup);
  assert.equal(charged.kernelPersistentBytes - many.kernelPersistentBytes, 8 * (1000 + 3));
});

const structsOf = (kernel: string) => structBytesIn(btfOf(kernel), STRUCTS);

test('the structs of Linux 6.18 make the objects that its slabs have', () => {
  assert.deepEqual(objectBytesOf(structsOf('6.18')), KNOWN_OBJECT_BYTES);
});

test('a kernel before 5.11 has no list head for each file, and no pointer beside one', () => {
  const objectBytes = objectBytesOf(structsOf('5.10'));
  assert.equal(objectBytes.epHead, 0);
  assert.equal(epollBytesPerFd({ ...outside, objectBytes }), 128 + 72);
  assert.equal(epollBytesPerFd({ ...inGroup, objectBytes }), 128 + 72 + 2 * 8);
});

test('6.1 has the objects of 6.18 for each fd of epoll, and other files and sockets', () => {
  const objectBytes = objectBytesOf(structsOf('6.1'));
  assert.equal(epollBytesPerFd({ ...outside, objectBytes }), 208);
  assert.deepEqual([objectBytes.file, objectBytes.tcpSocket, objectBytes.bindBucket], [256, 2304, 128]);
});

test('what is kept beside an object that a cgroup pays for is as large as the kernel says, else a pointer', () => {
  assert.deepEqual(
    ['5.10', '6.1', '6.18'].map((kernel) => besideBytesOf(structsOf(kernel))),
    [8, 8, 8],
  );
  assert.equal(besideBytesOf(new Map([['slabobj_ext', 16]])), 16);
  assert.equal(besideBytesOf(null), 8);
});

test('where a kernel gives no sizes, those of 6.18 are assumed', () => {
  assert.deepEqual(objectBytesOf(null), KNOWN_OBJECT_BYTES);
});

test('pages of 16 and 64 KiB hold more entries of a wait queue, and are taken whole', () => {
  for (const page of [16_384, 65_536]) {
    const perPage = (page - 16) / 64;
    assert.equal(waitEntryBytes(9 + Math.floor(perPage), page), page);
    assert.equal(waitEntryBytes(10 + Math.floor(perPage), page), 2 * page);
  }
});

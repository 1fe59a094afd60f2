import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { test } from 'node:test';
import { SyscallError } from '../../../pollers/libc/call.js';
import { close } from '../../../pollers/libc/linux/files.js';
import {
  accept,
  connectToLoopback,
  listenOnLoopback,
  resetOnClose,
} from '../../../pollers/libc/linux/sockets.js';
import { connectOnce } from './connect-once.js';

/** A connection that is reset before `connect` returns cannot be made to order: the kernel says so now and then, under load. */

test('a connection ends when it is reset, behind connect or within it, and one that nobody accepts is an error', () => {
  const listener = listenOnLoopback();
  resetOnClose(listener.fd);
  const openFds = () => readdirSync('/proc/self/fd').length;
  const before = openFds();
  connectOnce(() => {
    const fd = connectToLoopback(listener.port);
    close(accept(listener.fd));
    return fd;
  });
  connectOnce(() => {
    throw new SyscallError('connect', constants.errno.ECONNRESET, 27);
  });
  assert.throws(
    () =>
      connectOnce(() => {
        throw new SyscallError('connect', constants.errno.ECONNREFUSED, 27);
      }),
    /ECONNREFUSED/,
  );
  assert.throws(() => connectOnce(() => connectToLoopback(listener.port)), /was not accepted within 2 s/);
  assert.equal(openFds(), before);
  close(listener.fd);
});

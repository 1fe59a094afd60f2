import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * BTF of three kernels for x64: Debian's 5.10.218 and 6.1.176, and a 6.18.44. Of each these structs with their members, and the first
 * few types of every other kind that it has; numbers of types are those of the whole. And what `pahole -C` says of the whole.
 */

export const STRUCTS_OF: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  '5.10': {
    epitem: 128,
    eppoll_entry: 72,
    eventpoll: 168,
    file: 256,
    dentry: 192,
    tcp_sock: 2216,
    socket_alloc: 768,
    inet_bind_bucket: 72,
    io_kiocb: 232,
    io_ring_ctx: 1664,
  },
  '6.1': {
    epitem: 120,
    eppoll_entry: 64,
    epitems_head: 16,
    eventpoll: 200,
    file: 232,
    dentry: 192,
    tcp_sock: 2240,
    socket_alloc: 768,
    inet_bind_bucket: 72,
    io_kiocb: 216,
    io_ring_ctx: 1280,
  },
  '6.18': {
    epitem: 120,
    eppoll_entry: 64,
    epitems_head: 16,
    eventpoll: 208,
    file: 184,
    dentry: 192,
    tcp_sock: 2304,
    socket_alloc: 768,
    inet_bind_bucket: 88,
    io_kiocb: 248,
    io_ring_ctx: 1472,
    slabobj_ext: 8,
  },
};

export const STRUCTS: readonly string[] = Object.keys(STRUCTS_OF['6.18'] ?? {});

export const btfOf = (kernel: string): Buffer =>
  readFileSync(
    join(
      fileURLToPath(new URL('../../../../', import.meta.url)),
      `harness/collectors/testing/btf/${kernel}.btf`,
    ),
  );

import '../layout.js';

/** Struct layouts of Linux's own system calls, in bytes. */

/** `struct epoll_event { uint32_t events; epoll_data_t data; }`: packed on x64 only. */
export const EPOLL_EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
export const EPOLL_DATA_OFFSET = process.arch === 'x64' ? 4 : 8;

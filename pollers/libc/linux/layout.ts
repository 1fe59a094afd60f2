/** Struct layouts of Linux's system call interface, in bytes, for the two architectures that are supported. */

if (process.arch !== 'x64' && process.arch !== 'arm64') {
  throw new Error(`pollcost knows the struct layouts of x64 and arm64 only; this is ${process.arch}`);
}

/** `struct pollfd { int fd; short events; short revents; }` */
export const POLLFD_BYTES = 8;

/** `struct epoll_event { uint32_t events; epoll_data_t data; }`: packed on x64 only. */
export const EPOLL_EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
export const EPOLL_DATA_OFFSET = process.arch === 'x64' ? 4 : 8;

/** `struct timeval` and `struct timespec`: two 64-bit longs. */
export const TIMEVAL_BYTES = 16;

/** `fd_set` words are longs: bitmaps come in multiples of this. */
export const FD_SET_WORD_BITS = 64;

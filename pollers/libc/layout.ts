/** Struct layouts that Linux, macOS and FreeBSD share on the two architectures that are supported, in bytes. */

if (process.arch !== 'x64' && process.arch !== 'arm64') {
  throw new Error(`pollcost knows the struct layouts of x64 and arm64 only; this is ${process.arch}`);
}

/** `struct pollfd { int fd; short events; short revents; }` */
export const POLLFD_BYTES = 8;

/** `struct timeval` and `struct timespec`: two 64-bit longs; macOS has microseconds in the lower half of the second. */
export const TIMEVAL_BYTES = 16;

/** `fd_set` words are longs: bitmaps come in multiples of this. */
export const FD_SET_WORD_BITS = 64;

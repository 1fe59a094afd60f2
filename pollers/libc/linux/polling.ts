import { check, declare } from '../call.js';

/** epoll(7). Addresses are declared as integers, as those of select and poll. */

export const epollWaitCall = declare<
  (epfd: number, events: number, room: number, timeoutMs: number) => number
>('int epoll_wait(int, intptr_t, int, int)');

export const epollCtlCall = declare<(epfd: number, op: number, fd: number, event: number) => number>(
  'int epoll_ctl(int, int, int, intptr_t)',
);

const epollCreate1 = declare<(flags: number) => number>('int epoll_create1(int)');
const EPOLL_CLOEXEC = 0o2000000;

/** A new epoll instance, closed on exec. */
export const createEpoll = (): number => check(epollCreate1(EPOLL_CLOEXEC), 'epoll_create1');

export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;
export const EPOLLET = 1 << 31;
export const EPOLLONESHOT = 1 << 30;
/** Of several instances that watch a file, not all are woken. Taken with EPOLL_CTL_ADD alone, and not with EPOLLONESHOT. */
export const EPOLLEXCLUSIVE = 1 << 28;

/** Every poller by name, with one line for people. */
export const POLLERS = {
  busy: 'asks each fd alone, poll(&one, 1, 0), pass after pass; never blocks',
  select: 'select(2) as glibc has it: fds below FD_SETSIZE (1 024)',
  'select-wide': 'select(2) with larger bitmaps, which Linux accepts',
  poll: 'poll(2): an array of pollfds, copied in and scanned at every call',
  epoll: 'epoll(7), level-triggered: the kernel keeps the set and hands over what is ready',
  'epoll-et': 'epoll(7), edge-triggered: reports changes only',
} as const;

export type PollerName = keyof typeof POLLERS;

export const pollerNames = Object.keys(POLLERS) as PollerName[];

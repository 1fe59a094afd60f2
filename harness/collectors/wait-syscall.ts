import { readText } from './collector.js';

/**
 * The system calls in which a thread sleeps until an fd is ready, by their numbers (asm/unistd.h). A C library has its own way
 * with them: glibc's select() is pselect6 on x64, musl's epoll_wait() is epoll_pwait, and arm64 has none of the old three.
 */
export const WAIT_SYSCALLS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x64: {
    ...{ select: 23, pselect6: 270, poll: 7, ppoll: 271 },
    ...{ epoll_wait: 232, epoll_pwait: 281, epoll_pwait2: 441, io_uring_enter: 426 },
  },
  arm64: { pselect6: 72, ppoll: 73, epoll_pwait: 22, epoll_pwait2: 441, io_uring_enter: 426 },
};

/** The one of them in which the first thread of a process sleeps; null where it is in none, or nobody may look. */
export function waitSyscallOf(pid: number): string | null {
  const number = Number.parseInt(readText(`/proc/${pid}/syscall`) ?? '', 10);
  const calls = Object.entries(WAIT_SYSCALLS[process.arch] ?? {});
  return calls.find(([, each]) => each === number)?.[0] ?? null;
}

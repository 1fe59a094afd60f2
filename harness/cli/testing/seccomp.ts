import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Runs a program under a seccomp filter that refuses one system call, as container runtimes do. */
const sourceOf = (call: string, errno: string) => `
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv) {
  struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ${call}, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ${errno}),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { 4, filter };
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 77;
  execv(argv[1], argv + 1);
  return 78;
}`;

/** What the wrapper ends with where the kernel takes no filter. */
export const NO_SECCOMP = 77;

/** Compiles the wrapper into a folder: its path, or null where there is no C compiler. */
function refusing(folder: string, call: string, errno: string): string | null {
  const program = join(folder, `without-${call}-${errno}`);
  const source = `${program}.c`;
  writeFileSync(source, sourceOf(call, errno));
  return spawnSync('cc', ['-o', program, source]).status === 0 ? program : null;
}

export const withoutUnshare = (folder: string): string | null => refusing(folder, 'SYS_unshare', 'EPERM');

/** Without io_uring_setup, by its number: headers may be older. */
export const withoutIoUring = (folder: string, errno: 'EPERM' | 'ENOSYS'): string | null =>
  refusing(folder, '425', errno);

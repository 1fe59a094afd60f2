import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The environment in which calls of the C library answer -1 with this errno, as an older kernel or another C library. */
export function withoutCalls(
  folder: string,
  errno: string,
  calls: readonly string[],
): { LD_PRELOAD: string } | null {
  const [source, library] = [join(folder, 'refuse.c'), join(folder, `refuse-${calls.join('-')}-${errno}.so`)];
  const refused = calls.map((call) => `int ${call}() { errno = ${errno}; return -1; }\n`);
  writeFileSync(source, `#include <errno.h>\n${refused.join('')}`);
  const built = spawnSync('cc', ['-shared', '-fPIC', '-o', library, source]);
  return built.status === 0 ? { LD_PRELOAD: library } : null;
}

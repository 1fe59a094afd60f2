import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Puts functions of one's own before those of the C library, for a program and all that it starts. */
export type Preloaded = { readonly LD_PRELOAD: string };

/** Compiles them into a folder: the environment that loads them, or null where there is no C compiler. */
export function preload(folder: string, name: string, source: string): Preloaded | null {
  const [file, library] = [join(folder, `${name}.c`), join(folder, `${name}.so`)];
  writeFileSync(file, source);
  const built = spawnSync('cc', ['-shared', '-fPIC', '-o', library, file]);
  return built.status === 0 ? { LD_PRELOAD: library } : null;
}

/** A call answers -1 with this errno, as under an older kernel or another C library. */
export const withoutCall = (folder: string, call: string, errno: string): Preloaded | null =>
  preload(folder, `${call}-${errno}`, `#include <errno.h>\nint ${call}() { errno = ${errno}; return -1; }\n`);

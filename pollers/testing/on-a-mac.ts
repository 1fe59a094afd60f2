import fs from 'node:fs';
import { register, syncBuiltinESMExports } from 'node:module';
import '../libc/memory.js';

/**
 * Preloaded into the program and its children: they take this system for macOS, whose calls are the shim's (pollers/testing), and
 * see neither /proc nor /sys. Koffi comes first: its own binary is this system's.
 */

Object.defineProperty(process, 'platform', { value: 'darwin' });

const absent = (path: unknown): boolean => typeof path === 'string' && /^\/(proc|sys)(\/|$)/.test(path);

function hide(name: 'openSync' | 'readFileSync' | 'readdirSync' | 'readlinkSync' | 'statSync'): void {
  const real = fs[name] as (...args: unknown[]) => unknown;
  (fs as unknown as Record<string, unknown>)[name] = (...args: unknown[]) => {
    const [path] = args;
    if (!absent(path)) return real(...args);
    throw Object.assign(new Error(`ENOENT: no such file or directory, ${name} '${path}'`), {
      code: 'ENOENT',
      errno: -2,
      syscall: 'open',
      path,
    });
  };
}

for (const name of ['openSync', 'readFileSync', 'readdirSync', 'readlinkSync', 'statSync'] as const)
  hide(name);
const { existsSync } = fs;
fs.existsSync = (path) => !absent(path) && existsSync(path);
syncBuiltinESMExports();

register('./on-a-mac-hooks.js', import.meta.url);

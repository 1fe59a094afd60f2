import { spawnSync } from 'node:child_process';
import type { Available } from '../../control/messages.js';

/** What a reference server in Python imports, and where its version stands. */
const MODULES = {
  tornado: { imports: 'tornado.httpserver, tornado.tcpserver', version: 'tornado.version' },
  twisted: { imports: 'twisted.web.server', version: 'twisted.__version__' },
} as const;

export type PythonModule = keyof typeof MODULES;

type Found = Available<{ readonly python: string; readonly version: string }>;

const IMPORT_DEADLINE_MS = 20_000;
const tried = new Map<string, Found>();

/** The interpreter that PYTHON names; else the PATH's, and the system's own, for which its packages are made. */
const candidates = (): readonly string[] =>
  process.env.PYTHON ? [process.env.PYTHON] : ['python3', '/usr/bin/python3'];

/** The first interpreter that has a module. */
export function findPython(module: PythonModule, pythons = candidates()): Found {
  const key = [module, ...pythons].join('\0');
  const found = tried.get(key) ?? firstWith(module, pythons);
  tried.set(key, found);
  return found;
}

function firstWith(module: PythonModule, pythons: readonly string[]): Found {
  let reason =
    pythons[0] === process.env.PYTHON
      ? `the interpreter that PYTHON names has no ${module}`
      : `python3-${module} is not installed: apt-get install python3-${module}`;
  for (const python of pythons) {
    const { found, failure, absent } = tryPython(module, python);
    if (found) return found;
    // Installed and broken is another matter.
    if (!absent) reason = `python3 cannot import ${module}: ${failure}`;
  }
  return { ok: false, reason };
}

interface Attempt {
  readonly found?: Found & { ok: true };
  readonly failure?: string;
  /** Whether the interpreter or the module is not there at all. */
  readonly absent?: boolean;
}

function tryPython(module: PythonModule, command: string): Attempt {
  const { imports, version } = MODULES[module];
  const script = `import sys, ${imports}; print(sys.executable); print(${version})`;
  const options = { timeout: IMPORT_DEADLINE_MS, encoding: 'utf8' } as const;
  const { error, status, stdout, stderr } = spawnSync(command, ['-B', '-c', script], options);
  if (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { failure: message, absent: code === 'ENOENT' };
  }
  const [python, printed] = stdout.split('\n');
  if (status === 0 && python && printed) return { found: { ok: true, python, version: printed } };
  const failure = stderr.trim().split('\n').at(-1) || `it ended with code ${status}`;
  return { failure, absent: failure === `ModuleNotFoundError: No module named '${module}'` };
}

import { posix } from 'node:path';

/**
 * Which test files may run in one process, one after another: to start a process costs more than most of them. They leave it as it
 * was, as far as texts show: neither they nor what only tests use of theirs start processes or open sockets, touch the process or what
 * is global, or have hooks or temporary folders, which last as long as it does; and nothing with them binds C.
 */

const BINDS_C = 'koffi';
const OPENS = /^(?:node:(?:child_process|cluster|dgram|http|net|vm|worker_threads)|playwright-core)$/;
const CHANGES = /\bprocess\.|\bglobalThis\b|\bmock\.|\bmkdtempSync\b|\b(?:before|after)(?:Each)?\(/;
/** As the compiler writes them: what is imported later, by a call, these files do not load. */
const IMPORT = /^(?:import|export)\s(?:[^;']*?\sfrom\s)?'([^']+)'/gm;

interface Module {
  readonly imports: readonly string[];
  readonly isOfTests: boolean;
  readonly leavesTraces: boolean;
}

/** @param textOf the text of a built module, by its path from the folder of the build */
export function sharing(textOf: (path: string) => string): (file: string) => boolean {
  const modules = new Map<string, Module>();
  const moduleAt = (path: string): Module => {
    const module = modules.get(path) ?? read(path, textOf(path));
    modules.set(path, module);
    return module;
  };
  return (file) => {
    const reached = new Set([file]);
    for (const path of reached) {
      const { imports, isOfTests, leavesTraces } = moduleAt(path);
      if (imports.includes(BINDS_C) || (isOfTests && leavesTraces)) return false;
      for (const name of imports.filter((each) => /^\..*\.js$/.test(each)))
        reached.add(posix.join(posix.dirname(path), name));
    }
    return true;
  };
}

function read(path: string, text: string): Module {
  const imports = [...text.matchAll(IMPORT)].map(([, name = '']) => name);
  return {
    imports,
    isOfTests: /\.test\.js$|(?:^|\/)testing\//.test(path),
    leavesTraces: CHANGES.test(text) || imports.some((name) => OPENS.test(name)),
  };
}

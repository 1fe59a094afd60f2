import { declare as declareHere, loadLibrary } from '../libc/call.js';

/** `libc/call.ts` as the BSD part has it in a process that makes believe to be macOS: some functions are the shim's. */

export * from '../libc/call.js';

const SHIMMED = new Set([
  ...['fcntl', 'open', 'getrlimit', 'setrlimit', 'clock_gettime', 'bind', 'connect'],
  ...['getsockopt', 'setsockopt', 'kqueue', 'kevent'],
]);
const declareThere = loadLibrary(process.env.POLLCOST_BSD_SHIM as string);

export const declare: typeof declareHere = (prototype) => {
  const [before, name = ''] = /^.*?(\w+)\(/.exec(prototype) ?? [''];
  if (!SHIMMED.has(name)) return declareHere(prototype);
  return declareThere(prototype.replace(before, before.replace(name, `darwin_${name}`)));
};

import { pathToFileURL } from 'node:url';
import type { Capabilities, MakePoller, Poller } from './poller.js';

/** A user's own poller comes from a module of theirs: everything is looked at before it is used. */

/**
 * Loads the module at an absolute path. What it makes is checked each time for being a whole poller.
 * @throws Error with one line that says what is wrong with the file
 */
export async function loadOwn(file: string): Promise<MakePoller> {
  const make = defaultOf(await imported(file));
  return (options) => {
    const poller: unknown = make(options);
    const wrong = whatIsWrong(poller);
    if (wrong !== undefined) throw new Error(`what it makes is not a poller: ${wrong}`);
    return poller as Poller;
  };
}

async function imported(file: string): Promise<object> {
  try {
    return (await import(pathToFileURL(file).href)) as object;
  } catch (error) {
    const { code } = error as { code?: string };
    const message = firstLine(error);
    if (code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${file}'`))
      throw new Error('there is no such file');
    throw new Error(`the module cannot be loaded: ${message}`);
  }
}

function defaultOf(module: object): MakePoller {
  if (!('default' in module))
    throw new Error('the module has no default export; export default a function that makes a poller');
  const { default: make } = module;
  if (typeof make !== 'function')
    throw new Error('the default export is not a function; it has to be one that makes a poller');
  if (/^class\b/.test(Function.prototype.toString.call(make)))
    throw new Error(
      'the default export is a class; it has to be a function that makes a poller: () => new …',
    );
  return make as MakePoller;
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] as string;

const METHODS = ['register', 'modify', 'unregister', 'interestOf', 'wait', 'userBytes', 'close'] as const;

const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const TRIGGERS: readonly unknown[] = ['level', 'edge', 'oneshot'];

/** What each capability has to be, in words and as a check. */
const CAPABILITIES: Readonly<
  Record<keyof Capabilities, readonly [what: string, is: (value: unknown) => boolean]>
> = {
  maxFd: ['a whole number from 0 on', isCount],
  trigger: ['level, edge or oneshot', (value) => TRIGGERS.includes(value)],
  reportsErrors: ['a boolean', isBoolean],
  watchesRegularFiles: ['a boolean', isBoolean],
  blocks: ['a boolean', isBoolean],
  refusesAtRegister: ['a boolean', isBoolean],
  ownsFd: ['a boolean', isBoolean],
  registersBySyscall: ['a boolean', isBoolean],
  scansAll: ['a boolean', isBoolean],
};

/** What is missing or not as the seam says, the first thing that is found; undefined: it has the seam's shape. */
export function whatIsWrong(made: unknown): string | undefined {
  if (typeof made !== 'object' || made === null) return `it is ${made === null ? 'null' : typeof made}`;
  if (made instanceof Promise) return 'it is a promise; load what you need at the top of the module';
  const poller = made as Partial<Record<keyof Poller, unknown>>;
  for (const method of METHODS) if (typeof poller[method] !== 'function') return `${method} is not a method`;
  if (typeof poller.name !== 'string') return 'name is not a string';
  if (poller.size !== 0) return `size is ${poller.size} before anything is registered`;
  if (!isCount(poller.fdsExamined)) return 'fdsExamined is not a count';
  if (!(poller.readyFds instanceof Int32Array)) return 'readyFds is not an Int32Array';
  if (!(poller.readyEvents instanceof Uint8Array)) return 'readyEvents is not a Uint8Array';
  const capabilities = poller.capabilities as Record<string, unknown> | undefined;
  if (typeof capabilities !== 'object' || capabilities === null) return 'it has no capabilities';
  for (const [name, [what, is]] of Object.entries(CAPABILITIES))
    if (!is(capabilities[name])) return `capabilities.${name} is ${capabilities[name]}, not ${what}`;
  return wrongNative(poller.native);
}

function wrongNative(native: unknown): string | undefined {
  if (native === undefined) return undefined;
  const parts = (native ?? {}) as Record<string, unknown>;
  for (const method of ['call', 'collect', 'sharedBytes'])
    if (typeof parts[method] !== 'function') return `native.${method} is not a method`;
  return undefined;
}

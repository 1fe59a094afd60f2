import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { manifest, POLLER_NAME, type PollerName, reasonNotOn } from '../../pollers/manifest.js';
import { namesIn, pick, UsageError } from './usage.js';

/** Pollers by name; those of a user's own come from files. */
export interface ChosenPollers {
  readonly names: readonly PollerName[];
  /** Absolute paths by name. */
  readonly own: Readonly<Record<PollerName, string>>;
}

const known = new Map(Object.entries(manifest));

/** `epoll`, or `mine=./my-poller.js` from the current folder; several with commas. @throws UsageError */
export function pollersIn(option: string, text: string): ChosenPollers {
  const names: PollerName[] = [];
  const own: Record<PollerName, string> = {};
  for (const part of namesIn(option, text)) {
    const at = part.indexOf('=');
    const name = at === -1 ? part : part.slice(0, at).trim();
    if (at !== -1) own[name] = ownFile(name, part.slice(at + 1).trim(), own);
    else if (own[name] === undefined) requireHere(name);
    names.push(name);
  }
  return { names: [...new Set(names)], own };
}

/** @throws UsageError unless exactly one is named */
export function pollerIn(option: string, text: string): ChosenPollers & { readonly name: PollerName } {
  const chosen = pollersIn(option, text);
  const [name, ...more] = chosen.names;
  if (name === undefined || more.length > 0)
    throw new UsageError(`${option} takes one poller; '${text}' names more`);
  return { ...chosen, name };
}

function requireHere(name: string): void {
  pick('poller', [name], known);
  const entry = known.get(name);
  const reason = entry && reasonNotOn(entry, process.platform);
  if (reason !== undefined) throw new UsageError(`${name} cannot be used here: ${reason}`);
}

function ownFile(name: string, file: string, own: Readonly<Record<PollerName, string>>): string {
  if (!POLLER_NAME.test(name))
    throw new UsageError(
      `'${name}' cannot be a poller's name; it starts with a letter from a to z and goes on with those, digits, '-' and '_'`,
    );
  if (known.has(name)) throw new UsageError(`'${name}' is a poller of pollcost; give your own another name`);
  const path = pathOfModule(file);
  if (own[name] !== undefined && own[name] !== path)
    throw new UsageError(`'${name}' stands for two files, ${own[name]} and ${path}; give each its own name`);
  return path;
}

/** @throws UsageError unless there is such a file */
export function pathOfModule(file: string): string {
  if (file === '') throw new UsageError('a poller of your own needs its file: mine=./my-poller.js');
  const path = resolve(file);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) throw new UsageError(`${file}: ${stat ? 'is not a file' : 'there is no such file'}`);
  return path;
}

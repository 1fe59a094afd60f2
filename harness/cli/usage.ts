import { closest, distance } from 'fastest-levenshtein';

/** Bad input: one line that says what is wrong and what to do. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Picks names out of a registry. @throws UsageError that names the nearest match */
export function pick<T>(what: string, names: readonly string[], registry: ReadonlyMap<string, T>): T[] {
  return [...new Set(names)].map((name) => {
    const found = registry.get(name);
    if (found === undefined) {
      throw new UsageError(`unknown ${what} '${name}'${nearest(name, [...registry.keys()])}`);
    }
    return found;
  });
}

/** A hint at the name that was probably meant, or the list of all. */
export function nearest(name: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const match = closest(name, known);
  const close = distance(name, match) <= Math.max(2, Math.floor(name.length / 3));
  return close ? `; did you mean '${match}'?` : `; there are ${known.join(', ')}`;
}

/** A comma-separated list of names. @throws UsageError for an empty one */
export function namesIn(option: string, text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => name === '')) {
    throw new UsageError(`${option} takes names separated by commas; '${text}' has an empty one`);
  }
  return names;
}

/** A comma-separated list of counts. @throws UsageError for anything but whole numbers from 1 on */
export function countsIn(option: string, text: string): number[] {
  return namesIn(option, text).map((part) => wholeNumber(option, part, 1));
}

/** @throws UsageError for anything but a whole number within the range */
export function wholeNumber(option: string, text: string, least: number, most = 2 ** 32 - 1): number {
  const value = Number(text);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e\d+)?$/i.test(text.trim()) || !Number.isFinite(value)) {
    throw new UsageError(`${option} takes whole numbers; '${text}' is not a number`);
  }
  if (!Number.isInteger(value)) throw new UsageError(`${option} takes whole numbers; ${text} is a fraction`);
  if (value < least) throw new UsageError(`${option} takes numbers from ${least} on; ${text} is below`);
  if (value > most) throw new UsageError(`${option} takes numbers up to ${most}; ${text} is above`);
  return value;
}

/** @throws UsageError */
export const seedOf = (text: string): number => wholeNumber('--seed', text, 0);

/**
 * Reads a path; `what` names the option or the argument. An empty one would be the current folder, which nobody means who
 * writes "$UNSET". @throws UsageError
 */
export const pathFor =
  (what: string) =>
  (text: string): string => {
    if (text.trim() !== '') return text;
    throw new UsageError(`${what} takes a path; '${text}' is none: is a variable unset?`);
  };

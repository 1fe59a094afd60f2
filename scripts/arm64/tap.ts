/** What came of a test, by Node's TAP. */
export interface Outcome {
  readonly title: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly why: string;
}

/** The tests of the outermost level, in their order; those of a file's own line are none. */
export function outcomesIn(tap: string): Outcome[] {
  return [...tap.matchAll(/^(not )?ok \d+ - (.*?)(?: # SKIP ?(.*))?$/gm)].map(
    ([whole, isNot, title = '', skip], index, all) => {
      if (skip !== undefined) return { title: plain(title), result: 'skipped', why: plain(skip) };
      if (!isNot) return { title: plain(title), result: 'passed', why: '' };
      const until = all[index + 1]?.index ?? tap.length;
      const block = tap.slice((all[index]?.index ?? 0) + whole.length, until);
      return { title: plain(title), result: 'failed', why: errorIn(block) };
    },
  );
}

/** TAP escapes what it gives a meaning. */
const plain = (text: string): string => text.replaceAll(/\\([\\#])/g, '$1').trim();

const errorIn = (block: string): string =>
  /error: (?:\|-\n\s+)?'?(.*)/.exec(block)?.[1]?.trim().replace(/'$/, '') ?? 'no message';

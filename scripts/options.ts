import { parseArgs } from 'node:util';
import { UsageError, wholeNumber } from '../harness/cli/usage.js';

/** As `parseArgs`. @throws UsageError for an option that there is not, one without its value, and an argument that none takes */
export const parseOptions: typeof parseArgs = (config) => {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};

/** The same for a script that has nothing to put away yet: it ends with a line that says what is wrong, exit code 2. */
export const optionsOrExit: typeof parseArgs = (config) => orExit(() => parseOptions(config));

/** A script's option as a number; one that is none ends the script with a line that says so, exit code 2. */
export const wholeNumberOption = (option: string, text: string, least: number): number =>
  orExit(() => wholeNumber(option, text, least));

function orExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

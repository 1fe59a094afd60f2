import { UsageError, wholeNumber } from '../harness/cli/usage.js';

/** A script's option as a number; one that is none ends the script with a line that says so, exit code 2. */
export function wholeNumberOption(option: string, text: string, least: number): number {
  try {
    return wholeNumber(option, text, least);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

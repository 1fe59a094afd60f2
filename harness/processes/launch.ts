import { writeSync } from 'node:fs';
import { CONTROL_FD } from './control/messages.js';

/**
 * Loads and runs a child's program. What it cannot go on with, a library that does not load for example, is told to the
 * parent as the reason of its end, instead of as a stack trace to the user.
 */
export async function launch(load: () => Promise<unknown>): Promise<void> {
  try {
    await load();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    writeSync(CONTROL_FD, `${JSON.stringify({ id: 0, ok: false, error: reason.split('\n')[0] })}\n`);
    process.exit(1);
  }
}
